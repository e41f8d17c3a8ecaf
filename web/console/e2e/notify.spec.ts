// Being told while the console is in the background: by the browser when that is wanted, and not otherwise.
import type { Page } from "@playwright/test";
import { ask, Customer, expect, logIn, row, test, tokenOf } from "./desk";

interface Told {
  told: { title: string; body: string | undefined }[];
}

/** Notes what the browser is asked to show, and says that the page is in the background. */
function inBackground(): void {
  const told: Told["told"] = [];
  Object.assign(window, { told });
  class Noted {
    static permission = "granted";
    static requestPermission = async () => "granted";
    onclick: (() => void) | null = null;
    constructor(title: string, options?: NotificationOptions) {
      told.push({ title, body: options?.body });
    }
    close(): void {}
  }
  Object.assign(window, { Notification: Noted });
  document.hasFocus = () => false;
}

function told(page: Page): Promise<Told["told"]> {
  return page.evaluate(() => (window as unknown as Told).told);
}

test("the browser tells of messages in the background once that is switched on", async ({
  context,
  desk,
}) => {
  const ram = await tokenOf(desk, "ram");
  await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, ram);
  await context.addInitScript(inBackground);
  const page = await logIn(context, desk, "sam");
  const ines = await Customer.start(desk, "Ines", "A first question");
  await expect(row(page, "Ines")).toBeVisible();
  await ines.say("Nobody is told of this one");
  await expect(row(page, "Ines")).toContainText("Nobody is told of this one");
  expect(await told(page)).toEqual([]);

  await page.getByRole("button", { name: /^You: Sam/ }).click();
  await page.getByRole("menuitem", { name: "Preferences" }).click();
  await page.getByRole("switch", { name: "Notifications of the browser" }).click();
  await page.keyboard.press("Escape");
  await ines.say("Are you there?");
  await expect.poll(() => told(page)).toContainEqual({ title: "Ines", body: "Are you there?" });
  await Customer.start(desk, "Jo", "Another question");
  const fresh = { title: "New conversation with Jo", body: "payment" };
  await expect.poll(() => told(page)).toContainEqual(fresh);
});
