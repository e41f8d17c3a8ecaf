// The person's own menu: availability, preferences, log out.

import { Keyboard, LogOut, Settings2 } from "lucide-react";
import { setAvailability } from "../hub/actions";
import { useDesk } from "../hub/desk";
import { logOut } from "../hub/session";
import type { Availability } from "../hub/types";
import { t } from "../i18n";
import { Avatar, Dot, worded } from "../ui/marks";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu";
import css from "./shell.module.css";

export const AVAILABILITIES: readonly Availability[] = ["online", "away", "busy", "offline"];

const MEANS: Record<Availability, string> = {
  online: t("gets conversations"),
  away: t("gets none"),
  busy: t("gets none"),
  offline: t("gets none"),
};

interface SelfProps {
  onPreferences: () => void;
  onHelp: () => void;
}

export function SelfMenu({ onPreferences, onHelp }: SelfProps) {
  const me = useDesk((state) => state.me);
  const agent = useDesk((state) => state.agents[me.id]);
  const availability = agent?.availability ?? "offline";
  return (
    <Menu
      label={t("You")}
      placement="right-end"
      button={
        <button
          type="button"
          className={css.self}
          aria-label={t("You: {name}, {state}", { name: me.name, state: worded(availability) })}
        >
          <Avatar id={me.id} name={me.name} size={36} presence={availability} staff />
        </button>
      }
    >
      <div className={css.menuWho}>
        <strong>{me.name}</strong>
        <span>
          {worded(me.role)} · {me.tenant}
          {agent ? ` · ${t("{n} of {all} conversations", { n: agent.active, all: agent.capacity })}` : ""}
        </span>
      </div>
      {AVAILABILITIES.map((each) => (
        <MenuItem
          key={each}
          icon={<Dot state={each} />}
          end={each === availability ? t("now") : MEANS[each]}
          onSelect={() => void setAvailability(each)}
        >
          {worded(each)}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<Settings2 size={15} aria-hidden="true" />} onSelect={onPreferences}>
        {t("Preferences")}
      </MenuItem>
      <MenuItem icon={<Keyboard size={15} aria-hidden="true" />} end="?" onSelect={onHelp}>
        {t("Keyboard shortcuts")}
      </MenuItem>
      <MenuItem icon={<LogOut size={15} aria-hidden="true" />} onSelect={() => logOut()}>
        {t("Log out")}
      </MenuItem>
    </Menu>
  );
}
