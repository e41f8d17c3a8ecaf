// The tabs of the library and of the settings.

import { useHashLocation } from "../app/routes";
import { useDesk } from "../hub/desk";
import css from "../ui/page.module.css";

const LIBRARY: [string, string][] = [
  ["/library/canned", "Canned messages"],
  ["/library/articles", "Knowledge base"],
];

const SETTINGS: [string, string][] = [
  ["/settings/users", "People"],
  ["/settings/teams", "Teams"],
  ["/settings/routing", "Routing"],
  ["/settings/hours", "Hours and targets"],
  ["/settings/webhooks", "Webhooks"],
];

function Nav({ label, tabs }: { label: string; tabs: [string, string][] }) {
  const [path] = useHashLocation();
  const current = tabs.find(([to]) => path.startsWith(to)) ?? tabs[0];
  return (
    <nav className={css.subnav} aria-label={label}>
      {tabs.map(([to, name]) => (
        <a key={to} href={`#${to}`} aria-current={to === current?.[0] ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

export function LibraryNav() {
  return <Nav label="Library" tabs={LIBRARY} />;
}

export function SettingsNav() {
  const isAdmin = useDesk((state) => state.me.role === "admin");
  return <Nav label="Settings" tabs={isAdmin ? [...SETTINGS, ["/settings/audit", "Audit log"]] : SETTINGS} />;
}
