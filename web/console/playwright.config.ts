// Journeys through the console with a real browser against a real hub; `CONFAB_BIN_DIR` names where its binary is.

import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  // One hub for each file, and machines with few processors.
  workers: 1,
  // What fails on a busy machine is tried once more, and named as flaky.
  retries: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    launchOptions: {
      executablePath: process.env.CONFAB_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
  },
});
