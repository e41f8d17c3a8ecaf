import { DEMO_PASSWORD } from "../../testing/hub";
import { ask, Customer, expect, logIn, message, row, test, violations } from "./desk";

/** Pages and the routes that they are made of. */
const PAGES = {
  "/tickets": "/api/tickets",
  "/search": "/api/search",
  "/library": "/api/canned-messages",
  "/reports": "/api/admin/support/reports",
  "/settings": "/api/admin/users",
};

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

test("a wrong password is said, and the page stays", async ({ page, desk }) => {
  await page.goto(desk.url);
  await page.getByLabel("Tenant").fill("demo");
  await page.getByLabel("Login").fill("sam");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("Tenant, login or password is wrong.");
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Login").fill("mohan");
  await page.getByLabel("Password").fill(DEMO_PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("alert")).toContainText("agents' side");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with the inbox, ${colorScheme}`, async ({ browser, desk }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await logIn(context, desk, "sam");
    await Customer.start(desk, `Omar ${colorScheme}`, "My card is refused.");
    await expect(row(page, `Omar ${colorScheme}`)).toBeVisible();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(`${desk.url}#/inbox/all`);
      expect(await violations(page)).toEqual([]);
      await row(page, `Omar ${colorScheme}`).click();
      await expect(message(page, "My card is refused.")).toBeVisible();
      expect(await violations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await row(page, `Omar ${colorScheme}`).click();
    await page.keyboard.press("n");
    await page.keyboard.type("@");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    for (const keys of ["?", "Control+k", "t"]) {
      await page.keyboard.press(keys);
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toBeHidden();
    }
    await context.close();
  });

  test(`axe finds nothing wrong with the other pages, ${colorScheme}`, async ({ browser, desk }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ colorScheme });
    const page = await logIn(context, desk, "rosa");
    await page.waitForLoadState("networkidle");
    const hrefs = async (name: string) => {
      const links = await page.getByRole("navigation", { name, exact: true }).getByRole("link").all();
      return Promise.all(links.map((link) => link.getAttribute("href")));
    };
    const paths = new Set(await hrefs("Pages"));
    // What the hub offers has its page.
    const api = await ask<{ paths: Record<string, object> }>(desk, "GET", "/docs/openapi.json");
    for (const [path, route] of Object.entries(PAGES)) {
      expect(paths.has(`#${path}`), path).toBe(route in api.paths);
    }
    for (const group of ["Library", "Settings"]) {
      const link = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: group });
      if (!(await link.isVisible())) continue;
      await link.click();
      await expect(page.getByRole("navigation", { name: group, exact: true })).toBeVisible();
      for (const href of await hrefs(group)) paths.add(href);
    }
    for (const path of paths) {
      await page.goto(desk.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        expect(await violations(page), `${path} at ${size.width}`).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${path} at ${size.width} scrolls sideways`).toBeLessThanOrEqual(0);
      }
    }
    await context.close();
  });
}
