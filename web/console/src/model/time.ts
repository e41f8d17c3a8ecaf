// Times as people say them. The clock is an argument everywhere, so that what is shown can be tested.

import { localeTag, t } from "../i18n";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(localeTag(), { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(localeTag(), { weekday: "long" });
const shortWeekday = new Intl.DateTimeFormat(localeTag(), { weekday: "short" });
const dayOfYear = new Intl.DateTimeFormat(localeTag(), { day: "numeric", month: "long" });
const fullDay = new Intl.DateTimeFormat(localeTag(), { day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(localeTag(), { day: "numeric", month: "short" });
const exact = new Intl.DateTimeFormat(localeTag(), { dateStyle: "medium", timeStyle: "short" });

/** The hour and minute. */
export function clockTime(at: number): string {
  return clock.format(at);
}

/** Date and time in full, for titles and tables. */
export function exactTime(at: number): string {
  return exact.format(at);
}

/** Midnight at which the local day of `at` begins. */
export function startOfDay(at: number): number {
  const day = new Date(at);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** The name of a day as a separator says it: today, yesterday, a weekday within a week, else a date. */
export function dayLabel(at: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY);
  if (days <= 0) return t("Today");
  if (days === 1) return t("Yesterday");
  if (days < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear()
    ? dayOfYear.format(at)
    : fullDay.format(at);
}

/** A short stamp for lists: minutes and hours of today, then days. */
export function shortAgo(at: number, now: number): string {
  const passed = now - at;
  if (passed < MINUTE) return t("now");
  if (passed < HOUR) return t("{n} min", { n: Math.floor(passed / MINUTE) });
  if (startOfDay(at) === startOfDay(now)) return clock.format(at);
  if (passed < 7 * DAY) return shortWeekday.format(at);
  return shortDay.format(at);
}

/** A length of time with its two largest units: `45 s`, `3 min`, `1 h 20 min`, `2 d 4 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return t("{n} s", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("{n} min", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return both(t("{n} h", { n: hours }), minutes % 60, "{n} min");
  const days = Math.floor(hours / 24);
  return both(t("{n} d", { n: days }), hours % 24, "{n} h");
}

function both(large: string, n: number, small: "{n} min" | "{n} h"): string {
  return n ? `${large} ${t(small, { n })}` : large;
}
