import { Customer, expect, logIn, message, row, test } from "./desk";

test("an agent answers a customer, and both see how far the other got", async ({ context, desk }) => {
  const page = await logIn(context, desk, "sam");
  const asha = await Customer.start(desk, "Asha", "My payment went through twice.");
  await row(page, "Asha").click();
  await expect(message(page, "My payment went through twice.")).toBeVisible();

  const composer = page.getByRole("textbox", { name: "Reply to Asha" });
  await composer.fill("Hello Asha,");
  await composer.press("Shift+Enter");
  await composer.pressSequentially("I am looking.");
  await composer.press("Enter");
  await expect(composer).toHaveValue("");
  const own = message(page, "I am looking.");
  await expect(own.locator("[data-tick=sent]")).toBeVisible();
  expect(await asha.texts()).toEqual(["My payment went through twice.", "Hello Asha,\nI am looking."]);

  await asha.receives();
  await expect(own.locator("[data-tick=delivered]")).toBeVisible();
  await asha.reads();
  await expect(own.locator("[data-tick=read]")).toBeVisible();

  await asha.types();
  await expect(page.getByText("Asha is typing …")).toBeVisible();
  await asha.say("Thank you!");
  await expect(message(page, "Thank you!")).toBeVisible();
  await expect(page.getByText("Asha is typing …")).toBeHidden();
});

test("a note is for colleagues, with mentions, and the customer never gets it", async ({
  context,
  browser,
  desk,
}) => {
  const page = await logIn(context, desk, "sam");
  const noor = await Customer.start(desk, "Noor", "I can't log in.");
  await row(page, "Noor").click();
  await page.keyboard.press("n");
  const composer = page.getByRole("textbox", { name: "Private note" });
  await composer.pressSequentially("@ro");
  await expect(page.getByRole("option", { name: /@rosa/ })).toBeVisible();
  await composer.press("Enter");
  await composer.pressSequentially("please have a look");
  await composer.press("Enter");
  await expect(message(page, "@rosa please have a look")).toContainText("Private note");

  const other = await logIn(await browser.newContext(), desk, "rosa");
  await other.getByRole("link", { name: /^All/ }).click();
  await row(other, "Noor").click();
  await expect(message(other, "@rosa please have a look")).toBeVisible();
  await expect(page.getByRole("img", { name: "Also looking: Rosa" })).toBeVisible();
  expect(await noor.texts()).toEqual(["I can't log in."]);
  await other.context().close();
});

test("drafts stay with their conversation, through reloads", async ({ context, desk }) => {
  const page = await logIn(context, desk, "sam");
  await Customer.start(desk, "Draft One", "First question");
  await Customer.start(desk, "Draft Two", "Second question");
  await row(page, "Draft One").click();
  await page.getByRole("textbox", { name: "Reply to Draft One" }).fill("half an answer");
  await row(page, "Draft Two").click();
  await expect(page.getByRole("textbox", { name: "Reply to Draft Two" })).toHaveValue("");
  await row(page, "Draft One").click();
  await expect(page.getByRole("textbox", { name: "Reply to Draft One" })).toHaveValue("half an answer");
  await page.reload();
  await expect(page.getByRole("textbox", { name: "Reply to Draft One" })).toHaveValue("half an answer");
});

test("a cut connection is shown, and what was written meanwhile arrives once", async ({ context, desk }) => {
  const first = await logIn(context, desk, "ram");
  await first.close();
  let cut = false;
  let drop = () => {};
  const agent = await context.newPage();
  await agent.routeWebSocket(/\/ws$/, (socket) => {
    if (cut) return void socket.close();
    socket.connectToServer();
    drop = () => void socket.close();
  });
  await agent.route(/\/api\/(events|auth\/me)/, (route) => (cut ? route.abort() : route.continue()));
  await agent.goto(desk.url);
  await expect(agent.getByRole("button", { name: /Connection: Live/ })).toBeVisible();
  const lin = await Customer.start(desk, "Lin", "Are you there?");
  await agent.getByRole("link", { name: /^All/ }).click();
  await row(agent, "Lin").click();
  await expect(message(agent, "Are you there?")).toBeVisible();

  cut = true;
  drop();
  await expect(agent.getByRole("button", { name: /Connection: Offline/ })).toBeVisible();
  await expect(agent.getByRole("status").filter({ hasText: "The connection is lost" })).toBeVisible();
  const composer = agent.getByRole("textbox", { name: "Reply to Lin" });
  await composer.fill("Yes, I am.");
  await composer.press("Enter");
  await expect(message(agent, "Yes, I am.").locator("[data-tick=sending]")).toBeVisible();
  await lin.say("Hello?");

  cut = false;
  await expect(agent.getByRole("button", { name: /Connection: Live/ })).toBeVisible({ timeout: 40_000 });
  await expect(message(agent, "Yes, I am.").locator("[data-tick=sent]")).toBeVisible();
  await expect(message(agent, "Hello?")).toHaveCount(1);
  expect((await lin.texts()).filter((text) => text === "Yes, I am.")).toHaveLength(1);
});
