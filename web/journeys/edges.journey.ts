// A customer at one edge, agents at another: a whole chat between them, and what becomes of it when an edge is killed.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { logIn, message, row } from "../console/e2e/desk";
import { Cluster } from "../testing/cluster";
import { Shop } from "../testing/pages";
import { Wire } from "../testing/wire";
import { expect, fresh, question, test as staged, Widget } from "./stage";

type Desk = Parameters<typeof logIn>[1];

const test = staged.extend<Record<never, never>, { cluster: Cluster }>({
  cluster: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from here.
    async ({}, use) => {
      const cluster = await Cluster.start(2);
      await use(cluster);
      await cluster.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

/** A customer and an agent, each behind a load balancer of their own, which leads to the first and the second edge. */
class Two {
  private constructor(
    readonly ways: { customer: Wire; agent: Wire },
    readonly shop: Shop,
    readonly widget: Widget,
    readonly sam: Page,
    readonly desk: Desk,
    readonly first: string,
    readonly name: string,
  ) {}

  static async meet(browser: Browser, context: BrowserContext, cluster: Cluster, name: string): Promise<Two> {
    const [one, two] = cluster.edges.map(({ url }) => url);
    const ways = { customer: await Wire.start(one ?? ""), agent: await Wire.start(two ?? "") };
    const desk = { hub: { url: two }, url: `${ways.agent.url}/console/` } as unknown as Desk;
    const sam = await sits(browser, desk, "sam");
    const shop = await Shop.start(ways.customer.url);
    const widget = new Widget(await context.newPage());
    await widget.page.goto(shop.url());
    const first = question();
    await widget.begin(first, name);
    await row(sam, name).click();
    await expect(message(sam, first)).toBeVisible();
    return new Two(ways, shop, widget, sam, desk, first, name);
  }

  async answers(text: string): Promise<void> {
    const composer = this.sam.getByRole("textbox", { name: `Reply to ${this.name}` });
    await composer.fill(text);
    await composer.press("Enter");
  }

  async part(): Promise<void> {
    await this.sam.getByRole("button", { name: "Close", exact: true }).click();
    await expect(this.widget.window.getByText("This chat has ended.")).toBeVisible();
    await this.sam.context().close();
    await this.shop.stop();
    for (const way of Object.values(this.ways)) await way.cut();
    expect(this.widget.complaints).toEqual([]);
  }
}

async function sits(browser: Browser, desk: Desk, login: string): Promise<Page> {
  const context = await browser.newContext();
  await fresh(context);
  const page = await logIn(context, desk, login);
  await page.getByRole("button", { name: /^You: / }).click();
  await page.getByRole("menuitem", { name: /^Online/ }).click();
  return page;
}

test("a chat across two edges: typing, ticks, transfer, end", async ({ browser, context, cluster }) => {
  test.setTimeout(180_000);
  const two = await Two.meet(browser, context, cluster, "Priya");
  const { widget, sam, desk } = two;
  await widget.field.pressSequentially("It should");
  await expect(sam.getByText("Priya is typing …")).toBeVisible();
  await widget.say("It should have come yesterday.");
  await expect(message(sam, "It should have come yesterday.")).toBeVisible();
  await expect(widget.log.locator(".message.mine").last().locator(".tick")).toHaveAttribute(
    "data-state",
    "read",
  );
  await two.answers("Let me ask a colleague.");
  await expect(widget.said("Let me ask a colleague.")).toBeVisible();
  await expect(message(sam, "Let me ask a colleague.").locator("[data-tick=read]")).toBeVisible();

  const ram = await sits(browser, desk, "ram");
  await sam.getByRole("button", { name: "More actions" }).click();
  await sam.getByRole("menuitem", { name: /Transfer/ }).click();
  const dialog = sam.getByRole("dialog", { name: /Transfer the conversation with Priya/ });
  await dialog.getByLabel("To").selectOption("agent:ram");
  await dialog.getByLabel("Private note").fill("Lost, I fear.");
  await dialog.getByRole("button", { name: "Transfer" }).click();
  await row(ram, "Priya").click();
  await expect(message(ram, "Lost, I fear.")).toBeVisible();
  await expect(widget.window.getByRole("heading", { level: 2 })).toHaveText(/Ram/);
  await ram.getByRole("textbox", { name: "Reply to Priya" }).fill("We send another one.");
  await ram.keyboard.press("Enter");
  await expect(widget.said("We send another one.")).toBeVisible();
  expect(await widget.texts()).toEqual([
    two.first,
    "It should have come yesterday.",
    "Let me ask a colleague.",
    "We send another one.",
  ]);
  await ram.getByRole("button", { name: "Close", exact: true }).click();
  await expect(widget.window.getByText("This chat has ended.")).toBeVisible();
  await ram.context().close();
  await sam.context().close();
  await two.shop.stop();
  for (const way of Object.values(two.ways)) await way.cut();
  expect(widget.complaints).toEqual([]);
});

for (const side of ["customer", "agent"] as const) {
  test(`the ${side}'s edge is killed while both write, and the other takes them in`, async ({
    browser,
    context,
    cluster,
  }) => {
    test.setTimeout(240_000);
    const two = await Two.meet(browser, context, cluster, `Edge of the ${side}`);
    const { widget, sam, ways } = two;
    await two.answers("one of the agent");
    await expect(widget.said("one of the agent")).toBeVisible();
    const [own, other] = side === "customer" ? cluster.edges : [...cluster.edges].reverse();
    if (!own || !other) throw new Error("there are two edges");
    ways[side].lead(other.url);
    await own.kill();
    await widget.say("two of the customer");
    await two.answers("two of the agent");
    await expect(widget.said("two of the agent")).toBeVisible({ timeout: 40_000 });
    await expect(message(sam, "two of the customer")).toBeVisible({ timeout: 40_000 });
    await widget.say("three of the customer");
    await two.answers("three of the agent");
    await expect(widget.said("three of the agent")).toBeVisible({ timeout: 40_000 });
    await expect(message(sam, "three of the customer")).toBeVisible({ timeout: 40_000 });
    await expect(widget.log.locator(".tick[data-state=sending]")).toHaveCount(0);
    await expect(sam.locator("[data-tick=sending]")).toHaveCount(0);
    const both = ["two", "three"].flatMap((word) => [`${word} of the agent`, `${word} of the customer`]);
    expect((await widget.texts()).sort()).toEqual([two.first, "one of the agent", ...both].sort());
    const shown = sam.getByRole("log").locator("[class*=bubble]");
    expect(await shown.allTextContents()).toEqual(await widget.texts());
    await own.start();
    await two.part();
  });
}
