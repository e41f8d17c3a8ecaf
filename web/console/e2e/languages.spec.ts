// The console in its languages: chosen in the preferences, kept, and Arabic from right to left.
import { Customer, expect, logIn, test, violations } from "./desk";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

test("a language is chosen, kept, and read from its side", async ({ context, desk }) => {
  test.setTimeout(180_000);
  const page = await logIn(context, desk, "rosa");
  await Customer.start(desk, "Lea", "Wo ist mein Paket?", { priority: "URGENT" });
  await page.getByRole("button", { name: /^You: Rosa/ }).click();
  await page.getByRole("menuitem", { name: "Preferences" }).click();
  await page.getByLabel("Language").selectOption("de");
  await expect(page.getByRole("heading", { name: "Posteingang" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await page.goto(`${desk.url}#/inbox/all`);
  await page.locator("[data-conversation]", { hasText: "Lea" }).click();
  await expect(page.getByRole("textbox", { name: "Antwort an Lea" })).toBeVisible();
  await expect(page.getByText("Dringend").first()).toBeVisible();
  await page.goto(`${desk.url}#/reports`);
  await expect(page.getByRole("heading", { level: 1, name: "Berichte" })).toBeVisible();

  await page.getByRole("button", { name: /^Sie: Rosa/ }).click();
  await page.getByRole("menuitem", { name: "Eigene Einstellungen" }).click();
  await page.getByLabel("Sprache").selectOption("ar");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  const rail = page.getByRole("navigation", { name: "الصفحات" });
  await expect(rail).toBeVisible();
  expect((await rail.boundingBox())?.x ?? 0).toBeGreaterThan(600);
  for (const path of [
    "/inbox/all",
    "/live",
    "/tickets",
    "/library",
    "/reports",
    "/settings",
    "/settings/hours",
  ]) {
    await page.goto(`${desk.url}#${path}`);
    await expect(page.getByRole("main")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      expect(await violations(page), `${path} at ${size.width}`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, `${path} at ${size.width} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
});
