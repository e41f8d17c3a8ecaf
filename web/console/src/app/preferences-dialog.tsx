// Preferences: of this device (looks, sounds, notifications, keys), and of the person (e-mail).

import { useState } from "react";
import { LANGUAGES, t } from "../i18n";
import { Dialog } from "../ui/dialog";
import { SelectField, SwitchField } from "../ui/fields";
import page from "../ui/page.module.css";
import { EmailPreferences } from "./email-preferences";
import { OwnPicture } from "./own-picture";
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
    <Dialog open={open} onClose={onClose} title={t("Preferences")}>
      <div className={page.formRow}>
        <SelectField
          label={t("Colours")}
          value={wanted.theme}
          onChange={(event) => setPreference("theme", event.target.value as typeof wanted.theme)}
        >
          <option value="system">{t("As the system has them")}</option>
          <option value="light">{t("Light")}</option>
          <option value="dark">{t("Dark")}</option>
        </SelectField>
        <SelectField
          label={t("Language")}
          hint={t("The page is loaded anew.")}
          value={wanted.language}
          onChange={(event) => {
            setPreference("language", event.target.value as typeof wanted.language);
            location.reload();
          }}
        >
          <option value="auto">{t("As the browser has it")}</option>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <SwitchField
        label={t("Sounds")}
        hint={t("For new conversations and messages.")}
        checked={wanted.sound}
        onChange={(on) => {
          setPreference("sound", on);
          if (on) play("ping");
        }}
      />
      <SwitchField
        label={t("Notifications of the browser")}
        hint={
          refused
            ? t(
                "The browser does not permit it. Permit notifications for this site in its settings, then try again.",
              )
            : t("While the console is not in the foreground.")
        }
        checked={wanted.notifications}
        onChange={(on) => void notify(on)}
      />
      <SwitchField
        label={t("Tell when somebody begins to wait")}
        hint={t("With a sound and, in the background, a notification.")}
        checked={wanted.waiting}
        onChange={(on) => setPreference("waiting", on)}
      />
      <SwitchField
        label={t("Enter sends")}
        hint={t("Otherwise Ctrl+Enter sends, and Enter is a new line.")}
        checked={wanted.enterSends}
        onChange={(on) => setPreference("enterSends", on)}
      />
      <OwnPicture />
      <EmailPreferences />
    </Dialog>
  );
}
