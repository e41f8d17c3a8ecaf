// All shortcuts at a glance.

import { t } from "../i18n";
import { SHORTCUTS, shown } from "../model/shortcuts";
import { Dialog } from "../ui/dialog";
import { Keys } from "../ui/marks";
import { isMac } from "./keyboard";
import css from "./shell.module.css";

const WRITING: [string, string[]][] = [
  [t("Send"), ["Enter"]],
  [t("New line"), ["Shift", "Enter"]],
  [t("Canned message"), ["/"]],
  [t("Name a colleague"), ["@"]],
  [t("Emoji by name"), [":"]],
  [t("Leave the composer"), ["Esc"]],
];

export function HelpSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = [...new Set(SHORTCUTS.map(({ group }) => group))];
  return (
    <Dialog open={open} onClose={onClose} title={t("Keyboard shortcuts")} wide>
      <div className={css.sheet}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(group)}</h3>
            <dl>
              {SHORTCUTS.filter((shortcut) => shortcut.group === group).map(({ id, what, keys }) => (
                <div key={id}>
                  <dt>{t(what)}</dt>
                  <dd>
                    <Keys keys={shown(keys, isMac)} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t("While writing")}</h3>
          <dl>
            {WRITING.map(([what, keys]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>
                  <Keys keys={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
