// What an agent asks of colleagues, and what is put aside until later.
import { ask, Customer, expect, logIn, message, row, test, tokenOf, violations } from "./desk";

test("who is named in a note is told, and gets there with one click", async ({ context, browser, desk }) => {
  const sam = await logIn(context, desk, "sam");
  const rosa = await logIn(await browser.newContext(), desk, "rosa");
  await Customer.start(desk, "Mira", "My invoice is wrong.");
  await row(sam, "Mira").click();
  await sam.keyboard.press("n");
  const note = sam.getByRole("textbox", { name: "Private note" });
  await note.pressSequentially("@rosa may I cancel it?");
  await note.press("Escape");
  await note.press("Enter");
  const told = rosa.getByRole("region", { name: "Notifications" });
  await expect(told).toContainText("Sam named you");
  expect(await violations(rosa)).toEqual([]);
  await told.getByRole("button", { name: "Open" }).click();
  await expect(message(rosa, "may I cancel it?")).toContainText("Private note");
  await rosa.context().close();
});

test("a conversation that is escalated becomes more urgent, and supervisors are told why", async ({
  context,
  browser,
  desk,
}) => {
  const sam = await logIn(context, desk, "sam");
  const rosa = await logIn(await browser.newContext(), desk, "rosa");
  const ana = await Customer.start(desk, "Ana", "I want my money now!");
  await row(sam, "Ana").click();
  await sam.getByRole("button", { name: "More actions" }).click();
  await sam.getByRole("menuitem", { name: "Escalate …" }).click();
  const dialog = sam.getByRole("dialog", { name: "Escalate the conversation with Ana" });
  await expect(dialog).toBeVisible();
  expect(await violations(sam)).toEqual([]);
  await dialog.getByLabel("Why").fill("She shouts.");
  await dialog.getByRole("button", { name: "Escalate" }).click();
  await expect(dialog).toBeHidden();
  await expect(sam.getByText("Escalated: supervisors are told")).toBeVisible();
  const thread = sam.getByRole("region", { name: "Conversation", exact: true });
  await expect(thread.getByRole("heading", { name: "Ana High" })).toBeVisible();
  await expect(message(sam, "She shouts.")).toContainText("Private note");
  await expect(rosa.getByRole("region", { name: "Notifications" })).toContainText("asks for help with Ana");
  expect(JSON.stringify(await ana.history())).not.toContain("shouts");
  await rosa.context().close();
});

test("a conversation is put aside, says until when, and is brought back", async ({ context, desk }) => {
  const sam = await logIn(context, desk, "sam");
  const ravi = await Customer.start(desk, "Ravi", "I will send the photo tomorrow.");
  await row(sam, "Ravi").click();
  await sam.getByRole("button", { name: "More actions" }).click();
  expect(await violations(sam)).toEqual([]);
  await sam.getByRole("menuitem", { name: "Snooze for 1 day" }).click();
  const thread = sam.getByRole("region", { name: "Conversation", exact: true });
  await expect(thread.getByText(/^Until .*\d{2}:\d{2}$/)).toBeVisible();
  const token = await tokenOf(desk, "sam");
  const path = `/api/conversations/${ravi.conversation}`;
  const aside = await ask<{ snoozed_until?: number }>(desk, "GET", path, undefined, token);
  expect(aside.snoozed_until ?? 0).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  await sam.getByRole("button", { name: "More actions" }).click();
  await sam.getByRole("menuitem", { name: "Bring back now" }).click();
  await expect(thread.getByText(/^Until /)).toBeHidden();
  const back = await ask<{ snoozed_until?: number }>(desk, "GET", path, undefined, token);
  expect(back.snoozed_until).toBeUndefined();
});

test("accept, reply and close by the keyboard alone", async ({ context, desk }) => {
  for (const login of ["sam", "ram"]) {
    await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, await tokenOf(desk, login));
  }
  const sam = await logIn(context, desk, "sam");
  const kofi = await Customer.start(desk, "Kofi", "The link is dead.");
  await sam.keyboard.press("2");
  await expect(row(sam, "Kofi")).toBeVisible();
  await sam.keyboard.press("j");
  await expect(message(sam, "The link is dead.")).toBeVisible();
  await sam.keyboard.press("a");
  await expect(sam.getByText("With you")).toBeVisible();
  await sam.keyboard.press("r");
  await sam.keyboard.type("Here is a new one.");
  await sam.keyboard.press("Enter");
  await expect(message(sam, "Here is a new one.").locator("[data-tick=sent]")).toBeVisible();
  await sam.keyboard.press("Escape");
  await sam.keyboard.press("e");
  await expect(sam.getByText("This conversation has ended.")).toBeVisible();
  expect(await kofi.texts()).toContain("Here is a new one.");
  // A dialog takes the focus, keeps it from the page behind, and gives it back.
  await sam.getByRole("button", { name: "More actions" }).focus();
  await sam.keyboard.press("?");
  const help = sam.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toBeVisible();
  for (let presses = 0; presses < 6; presses += 1) {
    await sam.keyboard.press("Tab");
    // From the last one it goes to the browser's own bar, and back; never to the page behind.
    const behind = () =>
      sam.evaluate(() => document.getElementById("root")?.contains(document.activeElement));
    expect(await behind()).toBe(false);
  }
  await sam.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await expect(sam.getByRole("button", { name: "More actions" })).toBeFocused();
});
