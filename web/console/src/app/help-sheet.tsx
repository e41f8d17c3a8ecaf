// All shortcuts at a glance.

import { SHORTCUTS, shown } from "../model/shortcuts";
import { Dialog } from "../ui/dialog";
import { Keys } from "../ui/marks";
import { isMac } from "./keyboard";
import css from "./shell.module.css";

const WRITING: [string, string[]][] = [
  ["Send", ["Enter"]],
  ["New line", ["Shift", "Enter"]],
  ["Canned message", ["/"]],
  ["Name a colleague", ["@"]],
  ["Emoji by name", [":"]],
  ["Leave the composer", ["Esc"]],
];

export function HelpSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = [...new Set(SHORTCUTS.map(({ group }) => group))];
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" wide>
      <div className={css.sheet}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {SHORTCUTS.filter((shortcut) => shortcut.group === group).map(({ id, what, keys }) => (
                <div key={id}>
                  <dt>{what}</dt>
                  <dd>
                    <Keys keys={shown(keys, isMac)} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>While writing</h3>
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
