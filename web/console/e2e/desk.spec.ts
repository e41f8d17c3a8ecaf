import { ask, Customer, expect, logIn, message, row, test, tokenOf } from "./desk";

test("a conversation is handed on with a note, taken over, closed and reopened", async ({
  context,
  browser,
  desk,
}) => {
  const other = await tokenOf(desk, "ram");
  await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, other);
  const sam = await logIn(context, desk, "sam");
  await Customer.start(desk, "Grace", "The jacket is too small.");
  await row(sam, "Grace").click();
  await expect(message(sam, "The jacket is too small.")).toBeVisible();

  await ask(desk, "PUT", "/api/agent/availability", { availability: "online" }, other);
  const ram = await logIn(await browser.newContext(), desk, "ram");
  await sam.getByRole("button", { name: "More actions" }).click();
  await sam.getByRole("menuitem", { name: /Transfer/ }).click();
  const dialog = sam.getByRole("dialog", { name: /Transfer the conversation with Grace/ });
  await dialog.getByLabel("To").selectOption("agent:ram");
  await dialog.getByLabel("Private note").fill("Wants her money back.");
  await dialog.getByRole("button", { name: "Transfer" }).click();
  await expect(dialog).toBeHidden();
  await expect(row(ram, "Grace")).toBeVisible();
  await row(ram, "Grace").click();
  await expect(message(ram, "Wants her money back.")).toContainText("Private note");

  const rosa = await logIn(await browser.newContext(), desk, "rosa");
  await rosa.getByRole("button", { name: /^You: Rosa/ }).click();
  await rosa.getByRole("menuitem", { name: /Online/ }).click();
  await rosa.getByRole("link", { name: /^All/ }).click();
  await row(rosa, "Grace").click();
  await rosa.getByRole("button", { name: "Assign to me" }).click();
  await expect(rosa.getByText("With you")).toBeVisible();
  await expect(row(ram, "Grace")).toBeHidden();

  await rosa.getByRole("button", { name: "Close", exact: true }).click();
  await expect(rosa.getByText("This conversation has ended.")).toBeVisible();
  await rosa.getByRole("link", { name: "Closed" }).click();
  await expect(row(rosa, "Grace")).toBeVisible();
  await row(rosa, "Grace").click();
  await rosa
    .getByRole("region", { name: "Conversation", exact: true })
    .getByRole("button", { name: "Reopen" })
    .first()
    .click();
  await expect(rosa.getByRole("textbox", { name: "Reply to Grace" })).toBeVisible();
  await rosa.getByRole("button", { name: /^You: Rosa/ }).click();
  await rosa.getByRole("menuitem", { name: /Offline/ }).click();
  await ram.context().close();
  await rosa.context().close();
});

test("who waits is seen by everybody and taken by one", async ({ context, browser, desk }) => {
  for (const login of ["sam", "ram"]) {
    const token = await tokenOf(desk, login);
    await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, token);
  }
  const sam = await logIn(context, desk, "sam");
  const ram = await logIn(await browser.newContext(), desk, "ram");
  const tomas = await Customer.start(desk, "Tomas", "The app closes by itself.", { priority: "URGENT" });
  await sam.getByRole("link", { name: "Queue and agents" }).click();
  const queue = sam.getByRole("table", { name: "Waiting conversations" });
  await expect(queue.getByRole("row", { name: /Tomas/ })).toContainText("Urgent");
  await ram.getByRole("link", { name: /^Unassigned/ }).click();
  await expect(row(ram, "Tomas")).toBeVisible();

  await sam.getByRole("button", { name: "Accept Tomas" }).click();
  await expect(sam).toHaveURL(new RegExp(`/inbox/mine/${tomas.conversation}`));
  await expect(row(ram, "Tomas")).toBeHidden();

  await sam.getByRole("button", { name: "More actions" }).click();
  await sam.getByRole("menuitem", { name: "Back to the queue" }).click();
  await expect(row(ram, "Tomas")).toBeVisible();
  await row(ram, "Tomas").click();
  await ram
    .getByRole("region", { name: "Conversation", exact: true })
    .getByRole("button", { name: "Accept" })
    .click();
  await expect(ram.getByText("With you")).toBeVisible();
  await ram.context().close();
  for (const login of ["sam", "ram"]) {
    const token = await tokenOf(desk, login);
    await ask(desk, "PUT", "/api/agent/availability", { availability: "online" }, token);
  }
});

test("what happens elsewhere is told: badge, title, toast, announcement", async ({ context, desk }) => {
  const ram = await tokenOf(desk, "ram");
  await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, ram);
  const sam = await logIn(context, desk, "sam");
  const one = await Customer.start(desk, "Mette", "One question");
  const two = await Customer.start(desk, "Ines", "Another question");
  await row(sam, "Mette").click();
  await expect(message(sam, "One question")).toBeVisible();
  await expect(row(sam, "Ines")).toContainText("1 unread");
  await two.say("Still there?");
  await expect(row(sam, "Ines")).toContainText("2 unread");
  await expect(sam).toHaveTitle(/^\(\d+\) Inbox/);
  await expect(sam.getByRole("region", { name: "Notifications" })).toContainText("Still there?");
  await one.say("A second one");
  await expect(sam.locator("[aria-live=polite]").filter({ hasText: "Mette: A second one" })).toBeAttached();
  await row(sam, "Ines").click();
  await expect(row(sam, "Ines")).not.toContainText("unread");
  await ask(desk, "PUT", "/api/agent/availability", { availability: "online" }, ram);
});

test("everything important is done by the keyboard", async ({ context, desk }) => {
  const sam = await logIn(context, desk, "sam");
  await Customer.start(desk, "Yuki", "Please delete my account.");
  await expect(row(sam, "Yuki")).toBeVisible();
  await sam.keyboard.press("Control+k");
  await sam.keyboard.type("yuki");
  await expect(sam.getByRole("option", { name: /Yuki/ })).toBeVisible();
  await sam.keyboard.press("Enter");
  await expect(message(sam, "Please delete my account.")).toBeVisible();
  await sam.keyboard.press("r");
  await expect(sam.getByRole("textbox", { name: "Reply to Yuki" })).toBeFocused();
  await sam.keyboard.type("It is done.");
  await sam.keyboard.press("Enter");
  await expect(message(sam, "It is done.").locator("[data-tick=sent]")).toBeVisible();
  await sam.keyboard.press("Escape");
  await sam.keyboard.press("?");
  const help = sam.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toBeVisible();
  await sam.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await sam.keyboard.press("e");
  await expect(sam.getByText("This conversation has ended.")).toBeVisible();
  await sam.keyboard.press("g");
  await sam.keyboard.press("l");
  await expect(sam.getByRole("heading", { name: "Queue and agents" })).toBeVisible();
});
