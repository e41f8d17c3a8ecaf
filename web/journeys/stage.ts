// What every journey needs: a hub, a shop's page with the widget on it, an agent, and an eye on what the browser complains of.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BrowserContext, test as base, expect, type Locator, type Page } from "@playwright/test";
import axe from "axe-core";
import { Agent } from "../testing/agent";
import { Hub } from "../testing/hub";
import { Shop } from "../testing/pages";
import { Wire } from "../testing/wire";

interface Stage {
  hub: Hub;
  /** Between the widget and the hub, to be cut. */
  wire: Wire;
  shop: Shop;
  sam: Agent;
  /** The widget on the shop's page. */
  widget: Widget;
}

interface WorkerStage {
  theHub: Hub;
}

export const test = base.extend<Stage, WorkerStage>({
  theHub: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from here.
    async ({}, use) => {
      const hub = await Hub.start();
      await use(hub);
      await hub.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  hub: async ({ theHub }, use) => use(theHub),
  context: async ({ context }, use) => {
    await fresh(context);
    await use(context);
  },
  wire: async ({ hub }, use) => {
    const wire = await Wire.start(hub.url);
    await use(wire);
    await wire.cut();
  },
  shop: async ({ wire }, use) => {
    const shop = await Shop.start(wire.url);
    await use(shop);
    await shop.stop();
  },
  sam: async ({ hub }, use) => {
    const sam = await Agent.start(hub.url);
    await use(sam);
    await sam.stop();
  },
  widget: async ({ page, shop }, use) => {
    const widget = new Widget(page);
    await page.goto(shop.url());
    await use(widget);
    expect(widget.complaints, "the browser has nothing to complain of").toEqual([]);
  },
});

export { expect };

/**
 * With `CONFAB_WEB_FRESH`, what `npm run build` made last is taken instead of what the hub has embedded, so that trying a
 * change of the widget needs no build of the hub.
 */
export async function fresh(context: BrowserContext): Promise<void> {
  if (!process.env.CONFAB_WEB_FRESH) return;
  await context.route(/\/(widget\.js|assets\/.*|console\/.*)$/, async (route) => {
    const { pathname } = new URL(route.request().url());
    const built = pathname.startsWith("/console/")
      ? `../dist${pathname.replace(/\/$/, "/index.html")}`
      : `../dist/widget${pathname}`;
    const path = fileURLToPath(new URL(built, import.meta.url));
    if (!existsSync(path)) return route.fallback();
    await route.fulfill({ path, headers: { "access-control-allow-origin": "*" } });
  });
}

let count = 0;

/** A first message that no other chat began with. */
export function question(text = "My payment is stuck"): string {
  count += 1;
  return `${text} (${Date.now()}.${count})`;
}

/** The widget, as somebody uses it. */
export class Widget {
  /** What broke the page's content policy, and errors that nobody caught. */
  readonly complaints: string[] = [];
  readonly bubble: Locator;
  readonly window: Locator;
  readonly log: Locator;
  readonly field: Locator;

  constructor(readonly page: Page) {
    const root = page.locator("#confab-widget");
    this.bubble = root.locator(".bubble");
    this.window = root.getByRole("dialog");
    this.log = root.getByRole("log");
    this.field = root.locator(".composer textarea");
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) this.complaints.push(message.text());
    });
  }

  /** Opens it and begins a chat. */
  async begin(message: string, name = "Asha"): Promise<void> {
    await this.bubble.click();
    await this.window.getByLabel(/name/i).fill(name);
    await this.window.locator("[name=message]").fill(message);
    await this.window.locator("[type=submit]").click();
    await expect(this.said(message)).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** The bubbles that say this. */
  said(text: string): Locator {
    return this.log.locator(".text", { hasText: text });
  }

  /** Everything that was said, in order. */
  texts(): Promise<string[]> {
    return this.log.locator(".text").allTextContents();
  }

  /** Finds no fault with what is on the screen now. */
  async isAccessible(what: string): Promise<void> {
    // By the debugger, as the page's policy allows no script but the hub's.
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("Runtime.evaluate", { expression: axe.source });
    const run = `axe.run({ include: [["#confab-widget"]] }, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }).then(({ violations }) => violations.map(({ id, help, nodes }) => id + ": " + help + " " + nodes.map((node) => node.html)))`;
    const { result } = await session.send("Runtime.evaluate", {
      expression: run,
      awaitPromise: true,
      returnByValue: true,
    });
    await session.detach();
    expect(result.value, `axe: ${what}`).toEqual([]);
  }
}
