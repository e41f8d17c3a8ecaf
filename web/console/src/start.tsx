// Draws the console.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { returnFromProvider } from "./hub/sign-in";

export function start(): void {
  const root = document.getElementById("root");
  if (!root) return;
  void returnFromProvider();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
