// The frame around every page: the rail, the state of the connection, dialogs that open from anywhere.

import { Suspense, useEffect, useMemo, useState } from "react";
import { tabCounts, unreadTotal, useDesk } from "../hub/desk";
import { useOffers } from "../hub/offers";
import { t } from "../i18n";
import { titled } from "../model/attention";
import { Tip } from "../ui/button";
import { Badge } from "../ui/marks";
import { LoadingRows } from "../ui/states";
import { Toasts } from "../ui/toasts";
import { Announcer } from "./announce";
import { CommandBar } from "./command-bar";
import { ErrorBoundary } from "./error-boundary";
import { HelpSheet } from "./help-sheet";
import icon from "./icon.svg";
import { followKeyboard, onShortcut } from "./keyboard";
import { LinkBanner, LiveIndicator } from "./live-indicator";
import { type Place, placesFor } from "./places";
import { PreferencesDialog } from "./preferences-dialog";
import { go, inboxPlace, useHashLocation } from "./routes";
import { SelfMenu } from "./self-menu";
import css from "./shell.module.css";

type Opened = "commands" | "help" | "preferences" | null;

export function Shell() {
  const role = useDesk((state) => state.me.role);
  const offers = useOffers();
  const places = useMemo(() => placesFor(role, offers), [role, offers]);
  const [path] = useHashLocation();
  const [opened, setOpened] = useState<Opened>(null);
  const place = places.find((each) => path.startsWith(each.path)) ?? places[0];
  const Page = place?.page;
  const reading = Boolean(path.startsWith("/inbox") && inboxPlace(path)?.conversation);
  useTitle(place);
  useEffect(followKeyboard, []);
  useEffect(
    () =>
      onShortcut((shortcut) => {
        if (shortcut === "commands" || shortcut === "help") setOpened(shortcut);
        else if (shortcut.startsWith("go-")) {
          const target = places.find((each) => each.path === `/${shortcut.slice(3)}`);
          if (!target) return false;
          go(target.path);
        } else return false;
        return true;
      }),
    [places],
  );
  const close = () => setOpened(null);
  return (
    <div className={css.shell} data-reading={reading}>
      <button type="button" className={css.skip} onClick={skip}>
        {t("Skip to the content")}
      </button>
      <LinkBanner />
      <Rail places={places} current={place} onOpen={setOpened} />
      <div className={css.page}>
        <ErrorBoundary place={place?.path ?? ""}>
          <Suspense fallback={<LoadingRows label={t("Loading the page")} />}>
            {Page ? <Page /> : null}
          </Suspense>
        </ErrorBoundary>
      </div>
      <CommandBar open={opened === "commands"} onClose={close} places={places} />
      <HelpSheet open={opened === "help"} onClose={close} />
      <PreferencesDialog open={opened === "preferences"} onClose={close} />
      <Toasts />
      <Announcer />
    </div>
  );
}

function skip(): void {
  const main = document.getElementById("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

interface RailProps {
  places: readonly Place[];
  current: Place | undefined;
  onOpen: (what: Opened) => void;
}

function Rail({ places, current, onOpen }: RailProps) {
  const unread = useDesk(unreadTotal);
  const waiting = useDesk((state) => tabCounts(state).unassigned);
  const counts: Record<string, [number, string]> = {
    "/inbox": [unread, t("unread messages")],
    "/live": [waiting, t("waiting")],
  };
  return (
    <nav className={css.rail} aria-label={t("Pages")}>
      <span className={css.logo}>
        <img src={icon} width={30} height={30} alt="Confab" />
      </span>
      <div className={css.railLinks}>
        {places
          .filter(({ inner }) => !inner)
          .map(({ path, name, icon: Icon }) => {
            const [count, what] = counts[path] ?? [0, ""];
            return (
              <Tip key={path} label={name}>
                <a
                  href={`#${path}`}
                  className={css.railLink}
                  aria-label={count > 0 ? `${name}, ${count} ${what}` : name}
                  aria-current={current && isIn(current, path) ? "page" : undefined}
                >
                  <Icon size={20} strokeWidth={1.8} aria-hidden="true" />
                  <span className={css.railBadge} aria-hidden="true">
                    <Badge count={count} />
                  </span>
                </a>
              </Tip>
            );
          })}
      </div>
      <div className={css.railFoot}>
        <LiveIndicator />
        <SelfMenu onPreferences={() => onOpen("preferences")} onHelp={() => onOpen("help")} />
      </div>
    </nav>
  );
}

/** Whether a place is that of a link in the rail, or lies under it. */
function isIn(place: Place, path: string): boolean {
  return place.path.split("/")[1] === path.split("/")[1];
}

function useTitle(place: Place | undefined): void {
  const unread = useDesk(unreadTotal);
  useEffect(() => {
    document.title = titled(place?.name ?? "", unread);
  }, [place, unread]);
}
