// Starts the console.

import "@fontsource-variable/inter";
import "@confab/design/tokens.css";
import "@confab/design/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { followPreferences } from "./app/preferences";

followPreferences();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
