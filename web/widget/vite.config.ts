// While developing: the demo page with the sources as they are, and requests handed on to a hub.
import { defineConfig } from "vite";

const hub = process.env.CONFAB_HUB ?? "http://127.0.0.1:8480";

export default defineConfig({
  root: new URL("demo", import.meta.url).pathname,
  define: { __APP__: JSON.stringify("@fs/app") },
  server: {
    port: 5181,
    proxy: { "/api": hub, "/ws": { target: hub, ws: true, rewriteWsOrigin: true } },
  },
});
