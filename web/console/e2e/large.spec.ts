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

/** The longest that an interaction may take until the next picture, in milliseconds. */
const BUDGET_MS = 100;
const ROUNDS = 9;

interface Watched {
  timings: { at: number; duration: number }[];
}

/** Has the page note how long each key and click took until the next picture. */
function watch(): void {
  const timings: Watched["timings"] = [];
  Object.assign(window, { timings });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) timings.push({ at: startTime, duration });
  }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
}

/** The median of several rounds of an interaction; what is too short to be noted counts as 16 ms. */
async function median(page: Page, interact: (round: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const since = await page.evaluate(() => performance.now());
    await interact(round);
    await page.waitForTimeout(250);
    const longest = await page.evaluate((from) => {
      const { timings } = window as unknown as Watched;
      return Math.max(16, ...timings.filter(({ at }) => at >= from).map(({ duration }) => duration));
    }, since);
    taken.push(longest);
  }
  return taken.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

/** Time from a step of scrolling to the picture that shows it. */
async function scrolled(page: Page, selector: string, step: number): Promise<number> {
  const taken = await page.locator(selector).evaluate(
    async (element, { by, rounds }) => {
      const times: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const begun = performance.now();
        element.scrollBy({ top: by });
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        times.push(performance.now() - begun);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      return times;
    },
    { by: step, rounds: ROUNDS },
  );
  return Math.round(taken.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}

test("500 conversations and one of 10,000 messages draw only what is seen", async ({ context, desk }) => {
  // Most of it is spent on writing 10,000 messages.
  test.setTimeout(900_000);
  for (const login of ["sam", "ram"]) {
    await ask(desk, "PUT", "/api/agent/availability", { availability: "away" }, await tokenOf(desk, login));
  }
  const long = await Customer.start(desk, "Longwinded", "message 0", { priority: "URGENT" });
  await many(CONVERSATIONS - 1, (index) => Customer.start(desk, `Customer ${index}`, `question ${index}`));
  await many(MESSAGES, (index) => long.say(`message ${index}`));

  await context.addInitScript(watch);
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
  await expect(row(page, "Longwinded")).toHaveCount(0);
  await page.getByLabel("Filter conversations").pressSequentially("longwinded");
  await row(page, "Longwinded").click();
  await page.getByRole("textbox", { name: "Reply to Longwinded" }).pressSequentially("a reply that is typed");
  await page.keyboard.press("Enter");
  await expect(message(page, "a reply that is typed")).toBeVisible();

  const composer = page.getByRole("textbox", { name: "Reply to Longwinded" });
  await composer.focus();
  const typed = await median(page, () => page.keyboard.type("x"));
  const read = await scrolled(page, "[role=log]", -400);
  await page.getByLabel("Filter conversations").fill("");
  const list = page.getByRole("region", { name: "Conversations", exact: true });
  // Of those that are drawn: as many as fit.
  const clicked = await median(page, (round) =>
    list
      .locator("[data-conversation]")
      .nth(round % 5)
      .click(),
  );
  const moved = await scrolled(
    page,
    "section[aria-label=Conversations] [data-testid=virtuoso-scroller]",
    600,
  );
  const figures = {
    "a letter": typed,
    "a conversation": clicked,
    "scrolling messages": read,
    "scrolling the list": moved,
  };
  // Whoever runs it reads the figures, too.
  process.stdout.write(`    medians of ${ROUNDS}, in ms: ${JSON.stringify(figures)}\n`);
  for (const [what, ms] of Object.entries(figures)) expect(ms, what).toBeLessThan(BUDGET_MS);
  await expect(log).toBeVisible();
});
