// The widget on a shop's page and the console, both as the hub serves them: a whole chat from both sides of the desk.
import { ask, logIn, message, row, tokenOf } from "../console/e2e/desk";
import { expect, question, test, type Widget } from "./stage";

/** Logs in at the console that the hub serves. */
function consoleOf(hub: { url: string }): Parameters<typeof logIn>[1] {
  return { hub, url: `${hub.url}/console/` } as Parameters<typeof logIn>[1];
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
  // Whatever they chose in the journeys before.
  for (const login of ["sam", "ram"]) {
    const token = await tokenOf(desk, login);
    await ask(desk, "PUT", "/api/agent/availability", { availability: "online" }, token);
  }
  const sam = await logIn(await browser.newContext(), desk, "sam");
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

  const ram = await logIn(await browser.newContext(), desk, "ram");
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
  await sam.context().close();
  await ram.context().close();
});
