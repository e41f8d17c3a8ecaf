// Preferences of this device: looks, sounds, notifications, keys.

import { useState } from "react";
import { Dialog } from "../ui/dialog";
import { SelectField, SwitchField } from "../ui/fields";
import { setPreference, usePreferences } from "./preferences";
import { play } from "./sound";

export function PreferencesDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const wanted = usePreferences();
  const [refused, setRefused] = useState(false);
  const notify = async (on: boolean) => {
    const granted = on && "Notification" in window && (await Notification.requestPermission()) === "granted";
    setRefused(on && !granted);
    setPreference("notifications", granted);
  };
  return (
    <Dialog open={open} onClose={onClose} title="Preferences">
      <SelectField
        label="Colours"
        value={wanted.theme}
        onChange={(event) => setPreference("theme", event.target.value as typeof wanted.theme)}
      >
        <option value="system">As the system has them</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </SelectField>
      <SwitchField
        label="Sounds"
        hint="For new conversations and messages."
        checked={wanted.sound}
        onChange={(on) => {
          setPreference("sound", on);
          if (on) play("ping");
        }}
      />
      <SwitchField
        label="Notifications of the browser"
        hint={
          refused
            ? "The browser does not permit it. Permit notifications for this site in its settings, then try again."
            : "While the console is not in the foreground."
        }
        checked={wanted.notifications}
        onChange={(on) => void notify(on)}
      />
      <SwitchField
        label="Tell when somebody begins to wait"
        hint="With a sound and, in the background, a notification."
        checked={wanted.waiting}
        onChange={(on) => setPreference("waiting", on)}
      />
      <SwitchField
        label="Enter sends"
        hint="Otherwise Ctrl+Enter sends, and Enter is a new line."
        checked={wanted.enterSends}
        onChange={(on) => setPreference("enterSends", on)}
      />
    </Dialog>
  );
}
