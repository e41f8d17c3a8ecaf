// The command bar: everything that can be done or opened, found by a few letters.

import * as Ariakit from "@ariakit/react";
import { CircleDot, MessageSquare, MoveRight, Zap } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { setAvailability } from "../hub/actions";
import { useDesk } from "../hub/desk";
import { t } from "../i18n";
import { listed, matches } from "../model/lists";
import { SHORTCUTS, shown } from "../model/shortcuts";
import { Keys, worded } from "../ui/marks";
import ui from "../ui/ui.module.css";
import { isMac, perform } from "./keyboard";
import type { Place } from "./places";
import { setPreference } from "./preferences";
import { go, inboxPath } from "./routes";
import { AVAILABILITIES } from "./self-menu";
import css from "./shell.module.css";

interface Command {
  key: string;
  name: string;
  end?: ReactNode;
  icon: ReactNode;
  run: () => void;
}

const MOST_CONVERSATIONS = 8;

const THEMES = { system: "As the system has them", light: "Light", dark: "Dark" } as const;

interface BarProps {
  open: boolean;
  onClose: () => void;
  places: readonly Place[];
}

export function CommandBar({ open, onClose, places }: BarProps) {
  const [query, setQuery] = useState("");
  const close = () => {
    setQuery("");
    onClose();
  };
  return (
    <Ariakit.Dialog
      open={open}
      onClose={close}
      unmountOnHide
      aria-label={t("Command bar")}
      backdrop={<div className={ui.backdrop} />}
      className={ui.dialog}
    >
      <Ariakit.ComboboxProvider value={query} setValue={setQuery} resetValueOnHide={false} open>
        <Ariakit.Combobox
          autoFocus
          autoSelect="always"
          className={css.commandInput}
          aria-label={t("What do you want to do?")}
          placeholder={t("Find a conversation, go somewhere, do something")}
        />
        <Ariakit.ComboboxList className={css.commandList} alwaysVisible aria-label={t("Commands")}>
          <Commands query={query} places={places} onDone={close} />
        </Ariakit.ComboboxList>
      </Ariakit.ComboboxProvider>
    </Ariakit.Dialog>
  );
}

function Commands({
  query,
  places,
  onDone,
}: {
  query: string;
  places: readonly Place[];
  onDone: () => void;
}) {
  const conversations = useDesk((state) => state.conversations);
  const me = useDesk((state) => state.me.id);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fixed = useMemo(() => fixedCommands(places), [places]);
  const commands = fixed.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const chats = useMemo(() => {
    const known = Object.values(conversations);
    const found = query.trim() ? known.filter((each) => matches(each, query)) : listed(known, "mine", me, "");
    return found.slice(0, MOST_CONVERSATIONS);
  }, [conversations, query, me]);
  const all: Command[] = [
    ...chats.map((conversation) => ({
      key: conversation.id,
      name: conversation.customer.name,
      end: <small>{[worded(conversation.status), worded(conversation.issue_type)].join(" · ")}</small>,
      icon: <MessageSquare size={16} aria-hidden="true" />,
      run: () => go(inboxPath(conversation.status === "closed" ? "closed" : "all", conversation.id)),
    })),
    ...commands,
  ];
  if (all.length === 0)
    return (
      <p className={ui.hint} style={{ padding: 16 }}>
        {t("Nothing is called so.")}
      </p>
    );
  return all.map(({ key, name, end, icon, run }) => (
    <Ariakit.ComboboxItem
      key={key}
      className={css.command}
      focusOnHover
      setValueOnClick={false}
      hideOnClick={false}
      onClick={() => {
        onDone();
        // The dialog gives the focus back first; what is done may move it.
        setTimeout(run, 30);
      }}
    >
      {icon}
      <span>{name}</span>
      {end}
    </Ariakit.ComboboxItem>
  ));
}

function fixedCommands(places: readonly Place[]): Command[] {
  const going: Command[] = places.map(({ path, name }) => ({
    key: path,
    name: t("Go to {name}", { name }),
    icon: <MoveRight size={16} aria-hidden="true" />,
    run: () => go(path),
  }));
  const doing: Command[] = SHORTCUTS.filter(({ id }) => !id.startsWith("go-") && id !== "commands").map(
    ({ id, what, keys }) => ({
      key: id,
      name: t(what),
      end: <Keys keys={shown(keys, isMac)} />,
      icon: <Zap size={16} aria-hidden="true" />,
      run: () => void perform(id),
    }),
  );
  const being: Command[] = AVAILABILITIES.map((each) => ({
    key: `be-${each}`,
    name: t("Set yourself {state}", { state: worded(each) }),
    icon: <CircleDot size={16} aria-hidden="true" />,
    run: () => void setAvailability(each),
  }));
  const looks = (["system", "light", "dark"] as const).map((theme) => ({
    key: `theme-${theme}`,
    name: t("Colours: {theme}", { theme: t(THEMES[theme]) }),
    icon: <Zap size={16} aria-hidden="true" />,
    run: () => setPreference("theme", theme),
  }));
  return [...doing, ...being, ...going, ...looks];
}
