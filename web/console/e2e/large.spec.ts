import type { Page } from "@playwright/test";
import { ask, Customer, expect, logIn, message, row, test, tokenOf } from "./desk";

const CONVERSATIONS = 500;
const MESSAGES = 10_000;
const AT_ONCE = 32;

/** Does something many times, some of them at once. */
async function many(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The longest time from a key or click to the next picture, in milliseconds, since the page began to watch. */
function longest(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...((window as unknown as { timings: number[] }).timings ?? [])));
}

test("500 conversations and one of 10,000 messages draw only what is seen", async ({ context, desk }) => {
  test.setTimeout(600_000);
  for (const login of ["sam", "ram"]) {
    await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, await tokenOf(desk, login));
  }
  const long = await Customer.start(desk, "Longwinded", "message 0", { priority: "URGENT" });
  await many(CONVERSATIONS - 1, (index) => Customer.start(desk, `Customer ${index}`, `question ${index}`));
  await many(MESSAGES, (index) => long.say(`message ${index}`));

  await context.addInitScript(() => {
    const timings: number[] = [];
    Object.assign(window, { timings });
    new PerformanceObserver((list) =>
      timings.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: "event",
      durationThreshold: 16,
    } as PerformanceObserverInit);
  });
  const page = await logIn(context, desk, "sam");
  await page.getByRole("link", { name: /^Unassigned/ }).click();
  await expect(page.getByRole("link", { name: /^Unassigned 99\+/ })).toBeVisible();
  await row(page, "Longwinded").click();
  await expect(page.getByRole("log").getByRole("article").first()).toBeVisible();

  // Back through the history as fast as it comes.
  const log = page.getByRole("log");
  for (let turn = 0; turn < 60; turn += 1) {
    await log.evaluate((element) => element.scrollTo({ top: 0 }));
    await page.waitForTimeout(60);
  }
  expect(await log.getByRole("article").count()).toBeLessThan(120);
  await page.getByRole("button", { name: "Newest" }).click();
  await page.keyboard.press("Escape");
  for (let turn = 0; turn < 30; turn += 1) await page.keyboard.press("j");
  const rows = page.getByRole("region", { name: "Conversations", exact: true }).getByRole("listitem");
  expect(await rows.count()).toBeLessThan(60);
  await row(page, "Longwinded")
    .waitFor({ state: "detached" })
    .catch(() => {});
  await page.getByLabel("Filter conversations").pressSequentially("longwinded");
  await row(page, "Longwinded").click();
  await page.getByRole("textbox", { name: "Reply to Longwinded" }).pressSequentially("a reply that is typed");
  await page.keyboard.press("Enter");
  await expect(message(page, "a reply that is typed")).toBeVisible();
  test.info().annotations.push({ type: "longest interaction", description: `${await longest(page)} ms` });
});
