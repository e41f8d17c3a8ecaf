// Starts the console in the language that is wanted: the rest is loaded when its texts are there.

import "@fontsource-variable/inter";
import "@confab/design/tokens.css";
import "@confab/design/base.css";
import { followPreferences, preferences } from "./app/preferences";
import { speak, usualLanguage } from "./i18n";

followPreferences();
const { language } = preferences.getState();
speak(language === "auto" ? usualLanguage(navigator.languages) : language)
  // Without its texts it speaks English.
  .catch(() => {})
  .then(() => import("./start"))
  .then(({ start }) => start());
