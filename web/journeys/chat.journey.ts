// A customer on a shop's page and an agent: the whole of an ordinary chat.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { said, until } from "../testing/agent";
import { expect, question, test, Widget } from "./stage";

test("a customer and an agent talk, and see each other type and read", async ({ page, widget, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  his.view(true);
  await expect(widget.window.getByRole("heading", { level: 2 })).toHaveText(sam.name);
  await expect(widget.window.getByText("Online")).toBeVisible();

  his.typed("Hel");
  await expect(widget.window.getByText(`${sam.name} is typing…`)).toBeVisible();
  his.send("Hello Asha, let me look");
  await expect(widget.said("Hello Asha, let me look")).toBeVisible();
  await expect(widget.window.getByText(`${sam.name} is typing…`)).toBeHidden();

  await widget.field.pressSequentially("The blue");
  await until("the agent sees her type", () => his.snapshot().typing[0]?.name === "Asha");
  await widget.say("The blue card");
  await until("the agent has it", () => said(his).includes("The blue card"));
  const tick = widget.log.locator(".message.mine").last().locator(".tick");
  await expect(tick).toHaveAttribute("data-state", "delivered");
  his.markRead();
  await expect(tick).toHaveAttribute("data-state", "read");
  await until("the agent sees that she has read his", () => {
    return his.snapshot().messages.some((message) => message.mine && message.state === "read");
  });
  expect(await widget.texts()).toEqual([first, "Hello Asha, let me look", "The blue card"]);
  his.close();
  expect(await page.locator("main").isVisible()).toBe(true);
});

test("nothing but the loader is loaded until the chat is opened, and it takes next to no time", async ({
  page,
  shop,
}) => {
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto(shop.url());
  const widget = new Widget(page);
  await expect(widget.bubble).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(loaded.filter((path) => path !== "/favicon.ico").sort()).toEqual(["/", "/style.css", "/widget.js"]);
  expect(await scriptTime(page), "milliseconds of script on the host page").toBeLessThan(20);
  await widget.bubble.click();
  await expect(widget.window).toBeVisible();
  expect(loaded.some((path) => path.startsWith("/assets/app-"))).toBe(true);
});

test("the page's styles do not reach the widget, nor the widget's the page", async ({ page, widget }) => {
  await widget.bubble.click();
  const style = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const { fontFamily, letterSpacing, lineHeight } = getComputedStyle(element);
        return { fontFamily, letterSpacing, lineHeight };
      });
  const ours = await style("#confab-widget .window p");
  expect(ours.fontFamily).not.toContain("cursive");
  expect(ours).toMatchObject({ letterSpacing: "normal", lineHeight: "21.75px" });
  expect(await style("main h1")).toMatchObject({ letterSpacing: "3px" });
  const box = await widget.bubble.boundingBox();
  expect(box?.width).toBe(56);
});

test("a reload keeps the chat, and a closed one counts what comes", async ({ page, widget, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  await widget.say("before the reload");
  await expect(widget.log.locator("[data-state=sending]")).toHaveCount(0);
  await page.reload();
  await expect(widget.bubble).toBeVisible();
  his.send("while it was closed");
  await expect(widget.bubble.locator(".badge")).toHaveText("1");
  await expect(widget.bubble).toHaveAccessibleName(/1 unread message/);
  await widget.bubble.click();
  await expect(widget.said("while it was closed")).toBeVisible();
  await expect(widget.bubble.locator(".badge")).toBeHidden();
  expect(await widget.texts()).toEqual([first, "before the reload", "while it was closed"]);
});

test("two tabs show the same chat", async ({ context, widget, shop, sam }) => {
  const first = question();
  await widget.begin(first);
  const second = new Widget(await context.newPage());
  await second.page.goto(shop.url());
  await second.bubble.click();
  await expect(second.said(first)).toBeVisible();
  const his = await sam.open(first);
  await second.say("from the second");
  await widget.say("from the first");
  his.send("to both");
  for (const tab of [widget, second]) {
    await expect(tab.said("to both")).toBeVisible();
    await expect.poll(async () => (await tab.texts()).length).toBe(4);
  }
  expect(await second.texts()).toEqual(await widget.texts());
  await second.page.close();
});

test("the customer ends the chat, keeps its text, and begins another", async ({ page, widget, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  his.send("All done?");
  await expect(widget.said("All done?")).toBeVisible();
  await widget.window.getByRole("button", { name: "Menu" }).click();
  await widget.window.getByRole("button", { name: "End chat" }).click();
  await widget.window.getByRole("button", { name: "End chat" }).click();
  await expect(widget.window.getByText("This chat has ended.")).toBeVisible();
  const download = page.waitForEvent("download");
  await widget.window.getByRole("button", { name: "Download transcript" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  expect(text).toContain(`You: ${first}`);
  expect(text).toContain(`${sam.name}: All done?`);
  await widget.window.getByRole("button", { name: "Start a new chat" }).click();
  const again = question("Something else");
  await widget.window.locator("[name=message]").fill(again);
  await widget.window.locator("[type=submit]").click();
  await sam.open(again);
  await expect(widget.said(again)).toBeVisible();
  await expect(widget.said(first)).toHaveCount(0);
});

test("who has to wait sees the place in the queue", async ({ widget, sam }) => {
  await sam.available("offline");
  const first = question();
  await widget.begin(first);
  await expect(widget.window.getByText(/You are next|You are number \d+/)).toBeVisible();
  await sam.available("online");
  await sam.open(first);
  await expect(widget.window.getByText(/You are next|You are number \d+/)).toBeHidden();
});

/** Milliseconds that the loader works while the page loads: the least of several times, as other programs work, too. */
async function scriptTime(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Profiler.enable");
  await session.send("Profiler.setSamplingInterval", { interval: 100 });
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await session.send("Profiler.start");
    await page.reload({ waitUntil: "networkidle" });
    const { profile } = await session.send("Profiler.stop");
    const ours = new Set(
      profile.nodes.filter(({ callFrame }) => callFrame.url.endsWith("/widget.js")).map(({ id }) => id),
    );
    // A loader that ran between two samples is in no node of that profile: such a round tells nothing.
    if (ours.size > 0) {
      const spent =
        profile.samples?.map((id, at) => (ours.has(id) ? (profile.timeDeltas?.[at] ?? 0) : 0)) ?? [];
      times.push(spent.reduce((sum, time) => sum + time, 0) / 1000);
    }
  }
  expect(times.length, "rounds whose profile knows the loader").toBeGreaterThan(0);
  await session.detach();
  return Math.min(...times);
}
