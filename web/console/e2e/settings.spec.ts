// What admins set for customers and data: automatic replies, the content filter, e-mail, retention, one customer's data.
import type { Page } from "@playwright/test";
import { Hub } from "../../testing/hub";
import { Mailbox } from "../../testing/mailbox";
import { ask, Customer, expect, inFrontOf, logIn, test, tokenOf, violations } from "./desk";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

async function open(page: Page, name: string): Promise<void> {
  const pages = page.getByRole("navigation", { name: "Pages" });
  await pages.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("navigation", { name: "Settings", exact: true }).getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 2, name, exact: true })).toBeVisible();
}

/** Nothing is wrong with the page at any size, in either scheme. */
async function isSound(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      expect(await violations(page), `${what}, ${colorScheme}, ${size.width}`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, `${what} at ${size.width} scrolls sideways`).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

test("automatic replies: what is wrong is said at its field, a key is never shown", async ({
  context,
  desk,
}) => {
  await desk.hub.makeAdmin("ada", "Ada");
  const page = await logIn(context, desk, "ada");
  await open(page, "Automatic replies");
  await expect(page.getByRole("radio", { name: /^Off/ })).toBeChecked();
  await page.getByRole("radio", { name: /From a language model/ }).check();
  const address = page.getByRole("textbox", { name: "Address" });
  await address.fill("http://10.0.0.7/models");
  await page.getByRole("textbox", { name: "Model", exact: true }).fill("small");
  await page.getByLabel("Key", { exact: true }).fill("s3cret-of-the-tests");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(address).toBeFocused();
  await expect(address).toHaveAttribute("aria-invalid", "true");
  await expect(address).toHaveAccessibleDescription(/address that is not public/);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await isSound(page, "a refused address");

  await address.fill("https://models.example.org");
  await page.getByRole("spinbutton", { name: "Longest wait, in seconds" }).fill("2.5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Automatic replies saved")).toBeVisible();
  await expect(address).not.toHaveAttribute("aria-invalid");
  await expect(page.getByText(/One is set. It is never shown/)).toBeVisible();
  await expect(page.getByLabel("Key", { exact: true })).toHaveValue("");

  // What is saved again without a key keeps it; the one that is removed is gone.
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Robo");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Automatic replies saved").last()).toBeVisible();
  const ada = await tokenOf(desk, "ada");
  const path = "/api/admin/responder";
  await expect
    .poll(() => ask(desk, "GET", path, undefined, ada))
    .toMatchObject({
      name: "Robo",
      source: "endpoint",
      endpoint: { url: "https://models.example.org", model: "small", has_key: true, timeout_ms: 2500 },
    });
  await page.getByRole("checkbox", { name: "Remove the key" }).check();
  await page.getByRole("radio", { name: /From the library/ }).check();
  await page.getByRole("spinbutton", { name: "How sure, in per cent" }).fill("75");
  await page.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(() => ask(desk, "GET", path, undefined, ada))
    .toMatchObject({
      source: "library",
      confidence_percent: 75,
      endpoint: { has_key: false },
    });
  await isSound(page, "automatic replies");
  await ask(desk, "PUT", path, {}, ada);
});

test("the content filter masks what customers write, and a pattern that can't be is said at its field", async ({
  context,
  browser,
  desk,
}) => {
  await desk.hub.makeAdmin("ben", "Ben");
  const page = await logIn(context, desk, "ben");
  await open(page, "Content filter");
  await expect(page.getByText("Nothing is filtered")).toBeVisible();
  const patterns = page.getByRole("textbox", { name: "Patterns" });
  await patterns.fill("(never closed");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(patterns).toBeFocused();
  await expect(patterns).toHaveAccessibleDescription(/can't be used/);
  await patterns.fill("\\b\\d{16}\\b");
  await page.getByRole("textbox", { name: "Words" }).fill("darn\nheck");
  await page.getByRole("radio", { name: /^Mask/ }).check();
  await isSound(page, "content filter");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Content filter saved")).toBeVisible();
  await expect(page.getByText("Nothing is filtered")).toBeHidden();
  await expect(async () => {
    const olga = await Customer.start(desk, "Olga", "Hello");
    await olga.say("My darn card is 1234567812345678.");
    expect(await olga.texts()).toContain("My **** card is ****************.");
  }).toPass({ timeout: 30_000, intervals: [2000] });

  // Another admin was faster: nothing is overwritten, and what they saved can be had.
  const ben = await tokenOf(desk, "ben");
  await ask(desk, "PUT", "/api/admin/content-filter", { action: "mask", words: ["blast"] }, ben);
  await page.getByRole("textbox", { name: "Words" }).fill("darn");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was overwritten.");
  await page.getByRole("button", { name: "Load what is set now" }).click();
  await expect(page.getByRole("textbox", { name: "Words" })).toHaveValue("blast");
  await ask(desk, "PUT", "/api/admin/content-filter", {}, ben);

  // A supervisor reads it.
  const rosa = await logIn(await browser.newContext(), desk, "rosa");
  await open(rosa, "Content filter");
  await expect(rosa.getByText("Only admins change these.")).toBeVisible();
  await expect(rosa.getByRole("textbox", { name: "Words" })).toBeDisabled();
  await expect(rosa.getByRole("button", { name: "Save" })).toHaveCount(0);
  await rosa.context().close();
});

test("retention is asked about before it deletes, and one customer's data is exported and erased", async ({
  context,
  desk,
}) => {
  test.setTimeout(120_000);
  await desk.hub.makeAdmin("cem", "Cem");
  const page = await logIn(context, desk, "cem");
  await open(page, "Data and privacy");
  const days = page.getByRole("spinbutton", { name: "Days that messages are kept" });
  await days.fill("400");
  await page.getByRole("button", { name: "Save" }).click();
  const question = page.getByRole("dialog", { name: "Data and privacy" });
  await expect(question).toContainText("can't be had back");
  await question.getByRole("button", { name: "Cancel" }).click();
  const cem = await tokenOf(desk, "cem");
  const kept = () => ask<{ message_days?: number }>(desk, "GET", "/api/admin/retention", undefined, cem);
  expect((await kept()).message_days).toBeFalsy();
  await page.getByRole("button", { name: "Save" }).click();
  await question.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Retention saved")).toBeVisible();
  expect((await kept()).message_days).toBe(400);
  // For longer is no question.
  await days.fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(async () => (await kept()).message_days).toBeFalsy();

  const pia = await Customer.start(desk, "Pia Private", "What do you know of me?");
  await page.getByRole("searchbox", { name: "Search customers by name" }).fill("Pia Private");
  const exported = page.getByRole("button", { name: "Export what is kept of Pia Private" });
  await expect(exported).toBeVisible();
  await isSound(page, "data and privacy");
  const download = page.waitForEvent("download");
  await exported.click();
  expect((await download).suggestedFilename()).toMatch(/^customer-.+\.json$/);
  const close = `/api/conversations/${pia.conversation}/close`;
  await expect(() => ask(desk, "POST", close, {}, cem)).toPass();
  // What a worker held that was killed is delivered again after ten seconds; until then the hub can't promise it and says so.
  await expect(async () => {
    await page.getByRole("button", { name: "Erase what is kept of Pia Private" }).click();
    await page
      .getByRole("dialog", { name: "Erase Pia Private" })
      .getByRole("button", { name: "Erase" })
      .click();
    await expect(page.getByText("Pia Private is erased")).toBeVisible({ timeout: 10_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText("Nobody is called so")).toBeVisible();
});

test("e-mail is switched on, an address that refused is forgiven, and each says which e-mail they want", async ({
  context,
}) => {
  test.setTimeout(180_000);
  const mailbox = await Mailbox.start();
  const hub = await Hub.start({
    CONFAB_SERVER__PUBLIC_URL: "http://hub.example",
    CONFAB_MAIL__URL: mailbox.url,
    CONFAB_MAIL__STARTTLS: "never",
    CONFAB_MAIL__FROM: "support@hub.example",
  });
  await hub.makeAdmin("ada", "Ada");
  const { desk, close } = await inFrontOf(hub);
  const page = await logIn(context, desk, "ada");
  await open(page, "E-mail");
  await expect(page.getByText("No address has refused")).toBeVisible();
  await page.getByRole("textbox", { name: "Name of the sender" }).fill("Acme desk");
  await page.getByRole("switch", { name: "Write to customers who left" }).click();
  await page.getByRole("spinbutton", { name: "After seconds without a connection" }).fill("90");
  await page.getByRole("switch", { name: "Write to staff who are not connected" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("E-mail settings saved")).toBeVisible();
  const ada = await tokenOf(desk, "ada");
  expect(await ask(desk, "GET", "/api/admin/mail", undefined, ada)).toMatchObject({
    from_name: "Acme desk",
    customers_after_seconds: 90,
    staff: true,
  });

  // Ram is not there and is named in a note; his server says that there is nobody of that name.
  await ask(desk, "PUT", "/api/admin/users/ram", { email: "ram@nowhere.example" }, ada);
  const tom = await Customer.start(desk, "Tom", "Hello");
  const note = { client_id: crypto.randomUUID(), text: "@ram, do you know this?", note: true };
  await expect(() =>
    ask(desk, "POST", `/api/conversations/${tom.conversation}/messages`, note, ada),
  ).toPass();
  await expect.poll(() => mailbox.refused, { timeout: 40_000 }).toContain("ram@nowhere.example");
  const refused = () => ask<{ items: object[] }>(desk, "GET", "/api/admin/mail/refused", undefined, ada);
  await expect.poll(async () => (await refused()).items.length).toBe(1);
  await page.reload();
  await expect(page.getByRole("cell", { name: "ram@nowhere.example", exact: true })).toBeVisible();
  await isSound(page, "e-mail");
  await page.getByRole("button", { name: "Write again: ram@nowhere.example" }).click();
  await expect(page.getByText("No address has refused")).toBeVisible();
  await page.reload();
  await expect(page.getByText("No address has refused")).toBeVisible();

  await page.getByRole("button", { name: /^You: Ada/ }).click();
  await page.getByRole("menuitem", { name: "Preferences" }).click();
  const mentions = page.getByRole("switch", { name: "When a note names you" });
  await expect(mentions).toBeChecked();
  await mentions.click();
  const wants = () => ask(desk, "GET", "/api/me/notifications", undefined, ada);
  await expect.poll(wants).toMatchObject({ mention_email: false, assignment_email: true });
  expect(await violations(page)).toEqual([]);
  // Changed elsewhere meanwhile: what holds is shown.
  await ask(desk, "PUT", "/api/me/notifications", { mention_email: true, assignment_email: false }, ada);
  await mentions.click();
  await expect(page.getByRole("alert")).toContainText("changed this elsewhere");
  await expect(mentions).toBeChecked();
  await expect(page.getByRole("switch", { name: "When you are given a conversation" })).not.toBeChecked();
  await context.close();
  await close();
  await hub.stop();
  await mailbox.stop();
});
