// The tabs of the library and of the settings.

import { placesFor } from "../app/places";
import { useHashLocation } from "../app/routes";
import { useDesk } from "../hub/desk";
import { useOffers } from "../hub/offers";
import { t } from "../i18n";
import css from "../ui/page.module.css";

/** The pages of one place of the rail, as many as there are for this person and this hub. */
function Nav({ label, root }: { label: string; root: string }) {
  const [path] = useHashLocation();
  const role = useDesk((state) => state.me.role);
  const offers = useOffers();
  const places = placesFor(role, offers).filter((place) => place.path.startsWith(root));
  const tabs = [...places.filter(({ inner }) => !inner), ...places.filter(({ inner }) => inner)];
  const current = places.find((place) => path.startsWith(place.path));
  return (
    <nav className={css.subnav} aria-label={label}>
      {tabs.map(({ path: to, tab, name }) => (
        <a key={to} href={`#${to}`} aria-current={to === current?.path ? "page" : undefined}>
          {tab ?? name}
        </a>
      ))}
    </nav>
  );
}

export function LibraryNav() {
  return <Nav label={t("Library")} root="/library" />;
}

export function SettingsNav() {
  return <Nav label={t("Settings")} root="/settings" />;
}
