// Builds the widget in three steps, because each goes by another rule: the part that is loaded when the chat is opened
// (hashed, kept forever), the loader that names it (one classic script under a name that stays), and the demo page.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "../dist/widget");
const common = {
  configFile: false,
  root: here,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
};
const rules = { target: "es2022", emptyOutDir: false, reportCompressedSize: false };

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "assets"), { recursive: true });

await build({
  ...common,
  build: {
    ...rules,
    outDir: join(dist, "assets"),
    rollupOptions: {
      input: join(here, "src/app/index.tsx"),
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "app.js" },
    },
  },
});
const content = readFileSync(join(dist, "assets/app.js"));
const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
const app = `assets/app-${hash}.js`;
renameSync(join(dist, "assets/app.js"), join(dist, app));

await build({
  ...common,
  define: { __APP__: JSON.stringify(app) },
  build: {
    ...rules,
    outDir: dist,
    lib: {
      entry: join(here, "src/loader.ts"),
      formats: ["iife"],
      name: "ConfabLoader",
      fileName: () => "widget.js",
    },
    minify: true,
  },
});

await build({
  ...common,
  root: join(here, "demo"),
  base: "/",
  build: {
    ...rules,
    outDir: dist,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: { input: join(here, "demo/index.html") },
  },
});
