// What the hub serves: small enough, packed, kept as long as right, under a strict policy; and the demo page.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, question, test, Widget } from "./stage";

const dist = fileURLToPath(new URL("../dist/widget", import.meta.url));
const LOADER_LIMIT = 5 * 1024;
const WIDGET_LIMIT = 40 * 1024;

test("loader and widget are as small as promised", () => {
  const loader = statSync(join(dist, "widget.js.gz")).size;
  const app = readdirSync(join(dist, "assets")).find((name) => /^app-.*\.js\.gz$/.test(name)) ?? "";
  expect(loader).toBeLessThanOrEqual(LOADER_LIMIT);
  expect(loader + statSync(join(dist, "assets", app)).size).toBeLessThanOrEqual(WIDGET_LIMIT);
});

test("the hub serves what was built, packed, and says how long to keep it", async ({ hub, request }) => {
  const loader = await request.get(`${hub.url}/widget.js`);
  expect(loader.headers()).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "content-encoding": "br",
    "cache-control": "public, max-age=300, stale-while-revalidate=86400",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
  });
  expect(await loader.text()).toBe(readFileSync(join(dist, "widget.js"), "utf8"));
  const again = await request.get(`${hub.url}/widget.js`, {
    headers: { "if-none-match": loader.headers().etag ?? "" },
  });
  expect(again.status()).toBe(304);
  const app = /assets\/app-[0-9a-f]+\.js/.exec(await loader.text())?.[0];
  const part = await request.get(`${hub.url}/${app}`, { headers: { "accept-encoding": "gzip" } });
  expect(part.headers()).toMatchObject({
    "content-encoding": "gzip",
    "cache-control": "public, max-age=31536000, immutable",
  });
  const plain = await request.get(`${hub.url}/${app}`, { headers: { "accept-encoding": "identity" } });
  expect(plain.headers()["content-encoding"]).toBeUndefined();
  const missing = await request.get(`${hub.url}/assets/none.js`);
  expect(missing.status()).toBe(404);
  const page = await request.get(`${hub.url}/console/tickets/17`);
  expect(page.headers()["content-type"]).toBe("text/html; charset=utf-8");
  for (const path of ["/demo", "/console/"]) {
    const policy = (await request.get(hub.url + path)).headers()["content-security-policy"];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
  }
});

test("the demo page shows the widget as it is set up, and the code for it", async ({ page, hub, sam }) => {
  const widget = new Widget(page);
  await page.goto(`${hub.url}/demo`);
  await expect(widget.bubble).toBeVisible();
  await page.getByLabel("Title").fill("Acme");
  await page.getByLabel("Language").selectOption("de");
  await page.getByLabel("Position").selectOption("left");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.locator("#tag")).toContainText(`src="${hub.url}/widget.js"`);
  await expect(page.locator("#calls")).toContainText('"locale": "de"');
  expect((await widget.bubble.boundingBox())?.x).toBeLessThan(100);
  await page.getByRole("button", { name: "Confab.open()" }).click();
  await expect(widget.window.getByRole("heading", { level: 2 })).toHaveText("Acme");
  const first = question("Mein Paket fehlt");
  await widget.window.getByLabel("Worum geht es?").selectOption("ORDER");
  await widget.window.locator("[name=message]").fill(first);
  await widget.window.getByRole("button", { name: "Chat beginnen" }).click();
  const his = await sam.open(first);
  his.send("Guten Tag");
  await expect(widget.said("Guten Tag")).toBeVisible();
  await expect(page.locator("#events")).toContainText("message");
  await widget.isAccessible("on the demo page");
  expect(widget.complaints).toEqual([]);
});
