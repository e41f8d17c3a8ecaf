// The journeys: what people do with the widget, in a browser, with a real hub that each file starts for itself.
import { defineConfig, devices } from "@playwright/test";

const cache = "node_modules/.cache/journeys";

export default defineConfig({
  testDir: ".",
  testMatch: ["journeys/**/*.journey.ts", "console/journeys/**/*.journey.ts"],
  outputDir: `${cache}/results`,
  fullyParallel: false,
  workers: 1,
  // What fails on a busy machine is tried once more, and named as flaky.
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CONFAB_CHROMIUM ?? "/usr/bin/chromium",
      // Containers seldom allow the browser's own sandbox, and have little shared memory.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    },
  },
});
