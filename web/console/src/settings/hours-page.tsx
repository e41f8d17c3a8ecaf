// When the desk is open, and how soon it wants to answer and to resolve.

import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { OpenHours, ServiceLevels, ServiceTargets, Weekday } from "../hub/awaited";
import { t } from "../i18n";
import { PRIORITIES, readLabels } from "../tickets/words";
import { Button, IconButton } from "../ui/button";
import { CompactSelect, TextField } from "../ui/fields";
import { worded } from "../ui/marks";
import { SCROLLS } from "../ui/page";
import css from "../ui/page.module.css";
import ui from "../ui/ui.module.css";
import { SettingPage } from "./setting-page";

const DAYS: readonly Weekday[] = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];

export function HoursPage() {
  return (
    <SettingPage<ServiceLevels>
      path="/api/admin/service-levels"
      title={t("Hours and targets")}
      about={t("When the desk is open, and how soon it wants to answer and to resolve.")}
      loading={t("Loading hours")}
      failed={t("The hours could not be loaded")}
      saved={t("Hours and targets saved")}
      ready={(levels) => ({
        ...levels,
        time_zone: levels.time_zone.trim(),
        targets: (levels.targets ?? []).filter(
          (each) => each.first_response_minutes || each.resolution_minutes,
        ),
      })}
      fields={(levels, change) => <Fields levels={levels} change={change} />}
    />
  );
}

interface FieldsProps {
  levels: ServiceLevels;
  change: (part: Partial<ServiceLevels>) => void;
}

function Fields({ levels, change }: FieldsProps) {
  const [holidays, setHolidays] = useState((levels.holidays ?? []).join(", "));
  return (
    <>
      <Hours hours={levels.hours ?? []} onHours={(hours) => change({ hours })} />
      <div className={css.formRow}>
        <TextField
          label={t("Time zone")}
          name="time_zone"
          hint={t("Such as Europe/Berlin.")}
          required
          value={levels.time_zone}
          onChange={(event) => change({ time_zone: event.target.value })}
        />
        <TextField
          label={t("Closed on")}
          name="holidays"
          hint={t("Days such as 2026-12-25, separated by commas.")}
          value={holidays}
          onChange={(event) => {
            setHolidays(event.target.value);
            change({ holidays: readLabels(event.target.value) });
          }}
        />
      </div>
      <Targets targets={levels.targets ?? []} onTargets={(targets) => change({ targets })} />
      <TextField
        label={t("Warn after")}
        name="warn_percent"
        hint={t("Per cent of the time that is allowed.")}
        type="number"
        min={1}
        max={99}
        required
        value={String(levels.warn_percent ?? 80)}
        onChange={(event) => change({ warn_percent: Number(event.target.value) })}
      />
    </>
  );
}

function Hours({ hours, onHours }: { hours: OpenHours[]; onHours: (hours: OpenHours[]) => void }) {
  const change = (at: number, changed: Partial<OpenHours>) =>
    onHours(hours.map((each, index) => (index === at ? { ...each, ...changed } : each)));
  const next = DAYS.find((day) => !hours.some((each) => each.day === day)) ?? "monday";
  return (
    <div className={css.block}>
      <h3>{t("Open hours")}</h3>
      {hours.length === 0 ? <p className={css.muted}>{t("Always open.")}</p> : null}
      {hours.map((each, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <div key={at} className={css.line}>
          <CompactSelect
            label={t("Day")}
            value={each.day}
            onChange={(event) => change(at, { day: event.target.value as Weekday })}
          >
            {DAYS.map((day) => (
              <option key={day} value={day}>
                {worded(day)}
              </option>
            ))}
          </CompactSelect>
          <input
            type="time"
            aria-label={t("From")}
            required
            className={`${ui.input} ${ui.compact} ${ui.auto}`}
            value={each.from}
            onChange={(event) => change(at, { from: event.target.value })}
          />
          <span>{t("until")}</span>
          <input
            type="time"
            aria-label={t("Until")}
            required
            className={`${ui.input} ${ui.compact} ${ui.auto}`}
            value={each.until === "24:00" ? "23:59" : each.until}
            onChange={(event) => change(at, { until: event.target.value })}
          />
          <IconButton
            small
            label={t("Remove this line")}
            onClick={() => onHours(hours.filter((_, index) => index !== at))}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <Button small onClick={() => onHours([...hours, { day: next, from: "09:00", until: "17:00" }])}>
        <Plus size={14} aria-hidden="true" />
        {t("Add hours")}
      </Button>
    </div>
  );
}

interface TargetsProps {
  targets: ServiceTargets[];
  onTargets: (targets: ServiceTargets[]) => void;
}

function Targets({ targets, onTargets }: TargetsProps) {
  const change = (priority: ServiceTargets["priority"], changed: Partial<ServiceTargets>) => {
    const before = targets.find((each) => each.priority === priority) ?? { priority };
    onTargets([...targets.filter((each) => each.priority !== priority), { ...before, ...changed }]);
  };
  const minutes = (text: string) => (text === "" ? null : Number(text));
  return (
    <div className={css.block}>
      <h3>{t("Targets, in minutes in which the desk is open")}</h3>
      <div className={css.tableWrap} {...SCROLLS}>
        <table className={css.table} aria-label={t("Targets")}>
          <thead>
            <tr>
              <th scope="col">{t("Priority")}</th>
              <th scope="col">{t("First response")}</th>
              <th scope="col">{t("Resolution")}</th>
            </tr>
          </thead>
          <tbody>
            {[...PRIORITIES].reverse().map((priority) => {
              const target = targets.find((each) => each.priority === priority);
              return (
                <tr key={priority}>
                  <th scope="row">{worded(priority)}</th>
                  <td>
                    <input
                      type="number"
                      min={1}
                      aria-label={t("First response, {priority}", { priority: worded(priority) })}
                      placeholder={t("none")}
                      className={`${ui.input} ${ui.compact}`}
                      value={target?.first_response_minutes ?? ""}
                      onChange={(event) =>
                        change(priority, { first_response_minutes: minutes(event.target.value) })
                      }
                    />
                  </td>
                  <td>
                    <input
                      type="number"
                      min={1}
                      aria-label={t("Resolution, {priority}", { priority: worded(priority) })}
                      placeholder={t("none")}
                      className={`${ui.input} ${ui.compact}`}
                      value={target?.resolution_minutes ?? ""}
                      onChange={(event) =>
                        change(priority, { resolution_minutes: minutes(event.target.value) })
                      }
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
