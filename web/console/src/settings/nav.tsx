// The tabs of the library, and the list of the settings under their headings.

import { useEffect, useRef } from "react";
import { GROUPS, type Group, type Place, placesFor } from "../app/places";
import { useHashLocation } from "../app/routes";
import { useDesk } from "../hub/desk";
import { useOffers } from "../hub/offers";
import { t } from "../i18n";
import css from "../ui/page.module.css";

/** The pages of one place of the rail, as many as there are for this person and this hub, and the one that is shown. */
function usePlaces(root: string): { tabs: Place[]; current: Place | undefined } {
  const [path] = useHashLocation();
  const role = useDesk((state) => state.me.role);
  const offers = useOffers();
  const places = placesFor(role, offers).filter((place) => place.path.startsWith(root));
  const tabs = [...places.filter(({ inner }) => !inner), ...places.filter(({ inner }) => inner)];
  return { tabs, current: places.find((place) => path.startsWith(place.path)) };
}

function Tab({ place: { path, tab, name }, current }: { place: Place; current: Place | undefined }) {
  const isCurrent = path === current?.path;
  const link = useRef<HTMLAnchorElement>(null);
  // On a phone they are one line that scrolls.
  useEffect(() => {
    if (isCurrent) link.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [isCurrent]);
  return (
    <a ref={link} href={`#${path}`} aria-current={isCurrent ? "page" : undefined}>
      {tab ?? name}
    </a>
  );
}

export function LibraryNav() {
  const { tabs, current } = usePlaces("/library");
  return (
    <nav className={css.subnav} aria-label={t("Library")}>
      {tabs.map((place) => (
        <Tab key={place.path} place={place} current={current} />
      ))}
    </nav>
  );
}

export function SettingsNav() {
  const { tabs, current } = usePlaces("/settings");
  return (
    <nav className={css.sidenav} aria-label={t("Settings")}>
      {(Object.keys(GROUPS) as Group[]).map((group) => {
        const places = tabs.filter((place) => place.group === group);
        return places.length > 0 ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
          <div key={group} role="group" aria-label={GROUPS[group]}>
            <span aria-hidden="true">{GROUPS[group]}</span>
            {places.map((place) => (
              <Tab key={place.path} place={place} current={current} />
            ))}
          </div>
        ) : null;
      })}
    </nav>
  );
}
