// Builds the console; while developing, hands requests on to a hub.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const hub = process.env.CONFAB_HUB ?? "http://127.0.0.1:8480";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    target: "es2022",
    // The hub embeds what is here.
    outDir: "../dist/console",
    emptyOutDir: true,
    // Inlined assets would need `data:` in the content policy.
    assetsInlineLimit: 0,
  },
  test: { name: "console", include: ["src/**/*.test.ts"] },
  server: {
    port: 5180,
    proxy: {
      "/api": { target: hub, changeOrigin: true },
      "/docs": { target: hub, changeOrigin: true },
      "/ws": { target: hub, ws: true, changeOrigin: true, rewriteWsOrigin: true },
    },
  },
});
