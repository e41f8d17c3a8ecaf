import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { name: "widget", include: ["test/**/*.test.{ts,tsx}"], environment: "happy-dom" },
});
