// The network goes away, the hub dies, WebSocket is blocked: nothing is lost, nothing is doubled.
import { said, until } from "../testing/agent";
import { expect, question, test } from "./stage";

test("the network is cut for 20 seconds while both write", async ({ page, widget, wire, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  await widget.say("before");
  await until("the agent has it", () => said(his).includes("before"));
  await wire.cut();
  await widget.say("one, in the dark");
  his.send("from the other side");
  await widget.say("two, in the dark");
  await expect(widget.window.getByText(/Connection lost/)).toBeVisible();
  await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(2);
  await page.waitForTimeout(20_000);
  await wire.mend();
  await expect(widget.said("from the other side")).toBeVisible({ timeout: 40_000 });
  await until("the agent has everything", () => said(his).includes("two, in the dark"));
  await expect(widget.window.getByText(/Connection lost/)).toBeHidden();
  await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(0);
  const all = [first, "before", "from the other side", "one, in the dark", "two, in the dark"];
  expect((await widget.texts()).sort()).toEqual(all.sort());
  expect(await widget.texts()).toEqual(said(his));
});

test("what was written offline outlives a reload", async ({ page, widget, wire, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  await wire.cut();
  await widget.say("written in the dark");
  await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(1);
  await wire.mend();
  // At once: most likely before the client has come back by itself.
  await page.reload();
  await widget.bubble.click();
  await expect(widget.said("written in the dark")).toHaveCount(1);
  await until("the agent has it", () => said(his).includes("written in the dark"));
  await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(0);
  expect(said(his).filter((text) => text === "written in the dark")).toHaveLength(1);
});

test("a chat that is begun without a network begins when there is one, once", async ({
  widget,
  wire,
  sam,
}) => {
  await widget.bubble.click();
  await expect(widget.window).toBeVisible();
  await wire.cut();
  const first = question();
  await widget.window.locator("[name=message]").fill(first);
  await widget.window.locator("[type=submit]").click();
  await expect(widget.log.getByText(first)).toBeVisible();
  await wire.mend();
  const his = await sam.open(first);
  await expect(widget.said(first)).toHaveCount(1);
  expect(said(his)).toEqual([first]);
});

test("the hub is killed and started again while both write", async ({ widget, hub, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  await hub.kill();
  await widget.say("to a dead hub");
  his.send("to a dead hub, too");
  await expect(widget.window.getByText(/Connection lost/)).toBeVisible();
  await hub.restart();
  await expect(widget.said("to a dead hub, too")).toBeVisible({ timeout: 40_000 });
  await until("the agent has it", () => said(his).includes("to a dead hub"));
  await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(0);
  expect((await widget.texts()).sort()).toEqual([first, "to a dead hub", "to a dead hub, too"].sort());
});

test("where WebSocket is blocked, the chat goes on over plain HTTP", async ({ page, widget, sam }) => {
  await page.routeWebSocket(/\/ws$/, (socket) => socket.close());
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  his.send("can you hear me?");
  await expect(widget.said("can you hear me?")).toBeVisible({ timeout: 20_000 });
  await widget.say("yes");
  await until("the agent has it", () => said(his).includes("yes"));
});
