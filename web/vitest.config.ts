// One run for the tests of every package; each package may add a configuration of its own.
import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["protocol", "client", "widget", "console/vite.config.ts"].filter(exists) },
});

function exists(path: string): boolean {
  return existsSync(new URL(path, import.meta.url));
}
