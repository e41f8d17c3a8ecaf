// The widget on a shop's page and the console, both as the hub serves them: a whole chat from both sides of the desk.
import type { Browser, Page } from "@playwright/test";
import { ask, logIn, message, row, tokenOf } from "../console/e2e/desk";
import { Wire } from "../testing/wire";
import { expect, fresh, question, test, Widget } from "./stage";

type Desk = Parameters<typeof logIn>[1];

/** The console that the hub serves, by way of a wire where one is given. */
function consoleOf(hub: { url: string }, way: { url: string } = hub): Desk {
  return { hub, url: `${way.url}/console/` } as Desk;
}

/** Somebody's console in a browser of their own. */
async function sits(browser: Browser, desk: Desk, login: string): Promise<Page> {
  const context = await browser.newContext();
  await fresh(context);
  return logIn(context, desk, login);
}

/** Both take conversations, whatever they chose in the journeys before. */
async function online(desk: Desk): Promise<void> {
  for (const login of ["sam", "ram"]) {
    const token = await tokenOf(desk, login);
    await ask(desk, "PUT", "/api/agent/availability", { availability: "online" }, token);
  }
}

/** What was said, as the console shows it, oldest first. */
function shown(page: Page): Promise<string[]> {
  return page.getByRole("log").locator("[class*=bubble]").allTextContents();
}

function lastTick(widget: Widget) {
  return widget.log.locator(".message.mine").last().locator(".tick");
}

test("a customer in the widget and agents in the console: typing, ticks, transfer, end", async ({
  browser,
  widget,
  hub,
}) => {
  const desk = consoleOf(hub);
  await online(desk);
  const sam = await sits(browser, desk, "sam");
  const first = question("Where is my parcel?");
  await widget.begin(first, "Priya");
  await row(sam, "Priya").click();
  await expect(message(sam, first)).toBeVisible();
  await expect(widget.window.getByRole("heading", { level: 2 })).toHaveText(/Sam/);

  await widget.field.pressSequentially("It should");
  await expect(sam.getByText("Priya is typing …")).toBeVisible();
  await widget.say("It should have come yesterday.");
  await expect(message(sam, "It should have come yesterday.")).toBeVisible();
  await expect(lastTick(widget)).toHaveAttribute("data-state", "read");

  const composer = sam.getByRole("textbox", { name: "Reply to Priya" });
  await composer.pressSequentially("Let me");
  await expect(widget.window.getByText(/Sam.* is typing…/)).toBeVisible();
  await composer.fill("Let me ask a colleague.");
  await composer.press("Enter");
  await expect(widget.said("Let me ask a colleague.")).toBeVisible();
  await expect(message(sam, "Let me ask a colleague.").locator("[data-tick=read]")).toBeVisible();

  const ram = await sits(browser, desk, "ram");
  await sam.getByRole("button", { name: "More actions" }).click();
  await sam.getByRole("menuitem", { name: /Transfer/ }).click();
  const dialog = sam.getByRole("dialog", { name: /Transfer the conversation with Priya/ });
  await dialog.getByLabel("To").selectOption("agent:ram");
  await dialog.getByLabel("Private note").fill("The parcel is lost, I fear.");
  await dialog.getByRole("button", { name: "Transfer" }).click();
  await row(ram, "Priya").click();
  await expect(message(ram, "The parcel is lost, I fear.")).toBeVisible();
  await expect(widget.window.getByRole("heading", { level: 2 })).toHaveText(/Ram/);
  await expect(widget.said("The parcel is lost, I fear.")).toHaveCount(0);

  const answer = ram.getByRole("textbox", { name: "Reply to Priya" });
  await answer.fill("We send you another one today.");
  await answer.press("Enter");
  await expect(widget.said("We send you another one today.")).toBeVisible();
  await ram.getByRole("button", { name: "Close", exact: true }).click();
  await expect(widget.window.getByText("This chat has ended.")).toBeVisible();
  expect(await widget.texts()).toEqual([
    first,
    "It should have come yesterday.",
    "Let me ask a colleague.",
    "We send you another one today.",
  ]);

  // They say how it was, and the desk sees it beside the conversation's ticket.
  await widget.window.getByRole("radio", { name: "Very good" }).check();
  await widget.window.getByRole("textbox", { name: "Anything to add?" }).fill("So quick!");
  await widget.window.getByRole("button", { name: "Send", exact: true }).click();
  await expect(widget.window.getByText("Thank you for telling us!")).toBeVisible();
  await ram.getByRole("complementary").getByRole("link", { name: "Open" }).click();
  const ticket = ram.getByRole("complementary", { name: "Ticket" });
  await expect(ticket.getByRole("img", { name: "5 of 5" })).toBeVisible();
  await expect(ticket).toContainText("So quick!");
  await sam.context().close();
  await ram.context().close();
});

for (const side of ["customer", "agent"] as const) {
  test(`the ${side}'s network is cut for 20 seconds while both write`, async ({
    browser,
    widget,
    wire,
    hub,
  }) => {
    test.setTimeout(180_000);
    const own = await Wire.start(hub.url);
    const desk = consoleOf(hub, own);
    await online(desk);
    const sam = await sits(browser, desk, "sam");
    const first = question();
    await widget.begin(first, `Cut ${side}`);
    await row(sam, `Cut ${side}`).click();
    await expect(message(sam, first)).toBeVisible();
    const composer = sam.getByRole("textbox", { name: `Reply to Cut ${side}` });
    const says = async (text: string) => {
      await composer.fill(text);
      await composer.press("Enter");
    };
    await says("one of the agent");
    await expect(widget.said("one of the agent")).toBeVisible();

    const cut = side === "customer" ? wire : own;
    await cut.cut();
    await widget.say("two of the customer");
    await says("two of the agent");
    if (side === "customer") await expect(widget.window.getByText(/Connection lost/)).toBeVisible();
    else await expect(sam.getByRole("button", { name: /Connection: Offline/ })).toBeVisible();
    await widget.page.waitForTimeout(10_000);
    await widget.say("three of the customer");
    await says("three of the agent");
    await widget.page.waitForTimeout(10_000);
    await cut.mend();

    const both = ["two", "three"].flatMap((word) => [`${word} of the agent`, `${word} of the customer`]);
    const all = [first, "one of the agent", ...both];
    await expect(message(sam, "three of the customer")).toBeVisible({ timeout: 40_000 });
    await expect(widget.said("three of the agent")).toBeVisible({ timeout: 40_000 });
    await expect(widget.window.getByText(/Connection lost/)).toBeHidden();
    await expect(sam.getByRole("button", { name: /Connection: Live/ })).toBeVisible({ timeout: 40_000 });
    await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(0);
    await expect(sam.locator("[data-tick=sending]")).toHaveCount(0);
    expect((await widget.texts()).sort()).toEqual([...all].sort());
    expect(await shown(sam)).toEqual(await widget.texts());
    await sam.context().close();
    await own.cut();
  });
}

test("the node that both are connected to is killed while both write", async ({ browser, widget, hub }) => {
  test.setTimeout(180_000);
  const desk = consoleOf(hub);
  await online(desk);
  const sam = await sits(browser, desk, "sam");
  const first = question();
  await widget.begin(first, "Killed");
  await row(sam, "Killed").click();
  await expect(message(sam, first)).toBeVisible();
  const composer = sam.getByRole("textbox", { name: "Reply to Killed" });
  await composer.pressSequentially("half an answer");
  await widget.field.pressSequentially("half a question");
  await hub.kill();
  await composer.press("Enter");
  await widget.field.press("Enter");
  await expect(widget.window.getByText(/Connection lost/)).toBeVisible();
  await expect(sam.getByRole("button", { name: /Connection: Offline/ })).toBeVisible();
  await hub.restart();
  await expect(widget.said("half an answer")).toBeVisible({ timeout: 60_000 });
  await expect(message(sam, "half a question")).toBeVisible({ timeout: 60_000 });
  await expect(widget.window.getByText(/Connection lost/)).toBeHidden();
  await expect(sam.getByRole("button", { name: /Connection: Live/ })).toBeVisible({ timeout: 60_000 });
  expect((await widget.texts()).sort()).toEqual([first, "half a question", "half an answer"].sort());
  expect(await shown(sam)).toEqual(await widget.texts());
  await sam.context().close();
});

test("a customer on a phone talks to a desk", async ({ browser, shop, hub }) => {
  const desk = consoleOf(hub);
  await online(desk);
  const sam = await sits(browser, desk, "sam");
  const phone = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await fresh(phone);
  const widget = new Widget(await phone.newPage());
  await widget.page.goto(shop.url());
  const first = question("On the way");
  await widget.bubble.tap();
  await widget.window.getByLabel(/name/i).fill("Phoebe");
  await widget.window.locator("[name=message]").fill(first);
  await widget.window.locator("[type=submit]").tap();
  await row(sam, "Phoebe").click();
  await sam.getByRole("textbox", { name: "Reply to Phoebe" }).fill("Where are you?");
  await sam.keyboard.press("Enter");
  await expect(widget.said("Where are you?")).toBeVisible();
  await widget.say("In the train");
  await expect(message(sam, "In the train")).toBeVisible();
  await sam.getByRole("button", { name: "Close", exact: true }).click();
  await widget.window.locator(".faces label").nth(3).tap();
  await widget.window.getByRole("button", { name: "Send", exact: true }).tap();
  await expect(widget.window.getByText("Thank you for telling us!")).toBeVisible();
  expect(widget.complaints).toEqual([]);
  await phone.close();
  await sam.context().close();
});
