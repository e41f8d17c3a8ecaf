// What the journeys share: a hub with the built console in front of it, people who log in, customers who write.

import { fileURLToPath } from "node:url";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import axe from "axe-core";
import { preview } from "vite";
import { DEMO_PASSWORD, Hub } from "../../testing/hub";

export { expect };

/** The hub and the address of the console in front of it. */
export interface Desk {
  hub: Hub;
  url: string;
}

export const test = base.extend<{ tidyDesk: undefined }, { desk: Desk }>({
  desk: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
    async ({}, use) => {
      const hub = await Hub.start({
        // The identity provider of the journeys is on this machine.
        CONFAB_CONFIG: fileURLToPath(new URL("../../testing/private.toml", import.meta.url)),
      });
      const front = await inFrontOf(hub);
      await use(front.desk);
      await front.close();
      await hub.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  // What one journey leaves open would take the places of the next one's conversations.
  tidyDesk: [
    async ({ desk }, use) => {
      await use(undefined);
      const rosa = await tokenOf(desk, "rosa");
      for (const status of ["waiting", "active"]) await closeAll(desk, status, rosa);
      for (const login of ["sam", "ram"]) {
        const token = await tokenOf(desk, login);
        await ask(desk, "PUT", "/api/agent/availability", { availability: "online" }, token);
      }
    },
    { auto: true, timeout: 60_000 },
  ],
});

/** The built console, served in front of a hub. */
export async function inFrontOf(hub: Hub): Promise<{ desk: Desk; close: () => Promise<void> }> {
  const proxy = {
    "/api": { target: hub.url, changeOrigin: true },
    "/docs": { target: hub.url, changeOrigin: true },
    "/ws": { target: hub.url, ws: true, changeOrigin: true, rewriteWsOrigin: true },
  };
  const server = await preview({
    root: fileURLToPath(new URL("..", import.meta.url)),
    logLevel: "error",
    preview: { host: "127.0.0.1", port: 0, proxy },
  });
  return { desk: { hub, url: server.resolvedUrls?.local[0] ?? "" }, close: () => server.close() };
}

async function closeAll(desk: Desk, status: string, token: string): Promise<void> {
  for (;;) {
    const path = `/api/conversations?status=${status}&limit=100`;
    const { items } = await ask<{ items: { id: string }[] }>(desk, "GET", path, undefined, token);
    for (const { id } of items) await ask(desk, "POST", `/api/conversations/${id}/close`, {}, token);
    if (items.length < 100) return;
  }
}

/** Makes a request of the hub's API. */
export async function ask<T>(
  desk: Desk,
  method: string,
  path: string,
  body?: object,
  token?: string,
): Promise<T> {
  const response = await fetch(desk.hub.url + path, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : null) as T;
}

/** Fails a journey early when the hub lacks the part of the desk it goes through. */
export async function needs(desk: Desk, path: string): Promise<void> {
  const api = await ask<{ paths: Record<string, object> }>(desk, "GET", "/docs/openapi.json");
  expect(path in api.paths, `the hub has ${path}`).toBe(true);
}

/** The access token of somebody of the demo tenant. */
export async function tokenOf(desk: Desk, login: string): Promise<string> {
  const body = { tenant: "demo", login, password: DEMO_PASSWORD };
  const tokens = await ask<{ access_token: string }>(desk, "POST", "/api/auth/login", body);
  return tokens.access_token;
}

/** Opens the console and logs in through its page. */
export async function logIn(context: BrowserContext, desk: Desk, login: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(desk.url);
  await page.getByLabel("Tenant").fill("demo");
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(DEMO_PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("heading", { name: "Inbox" })).toBeVisible();
  await expect(page.getByRole("button", { name: /Connection: Live/ })).toBeVisible();
  return page;
}

/** A customer who writes over plain HTTP. */
export class Customer {
  private constructor(
    readonly desk: Desk,
    readonly name: string,
    readonly conversation: string,
    readonly token: string,
  ) {}

  static async start(desk: Desk, name: string, message: string, more: object = {}): Promise<Customer> {
    const body = { tenant: "demo", name, issue_type: "payment", message, client_id: id(), ...more };
    const started = await ask<{ conversation_id: string; token: string }>(
      desk,
      "POST",
      "/api/chat/start",
      body,
    );
    return new Customer(desk, name, started.conversation_id, started.token);
  }

  async say(text: string): Promise<number> {
    const said = await this.#post<{ seq: number }>("messages", { client_id: id(), text });
    return said.seq;
  }

  async types(): Promise<void> {
    await this.#post("typing", { typing: true });
  }

  async reads(): Promise<void> {
    const page = await this.history();
    await this.#post("read", { read: page.items.at(-1)?.seq ?? 0 });
  }

  async receives(): Promise<void> {
    const page = await this.history();
    await this.#post("read", { delivered: page.items.at(-1)?.seq ?? 0 });
  }

  async history(): Promise<{ items: { seq: number; entry: { body: { kind: string; text?: string } } }[] }> {
    return ask(this.desk, "GET", `/api/conversations/${this.conversation}/messages`, undefined, this.token);
  }

  /** The texts of all messages that the customer can see. */
  async texts(): Promise<string[]> {
    const { items } = await this.history();
    return items.filter(({ entry }) => entry.body.kind === "TEXT").map(({ entry }) => entry.body.text ?? "");
  }

  #post<T>(what: string, body: object): Promise<T> {
    return ask<T>(this.desk, "POST", `/api/conversations/${this.conversation}/${what}`, body, this.token);
  }
}

function id(): string {
  return crypto.randomUUID();
}

/** What axe finds wrong with the page as it is now, as one line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const run = (window as unknown as { axe: typeof import("axe-core") }).axe.run;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const found = await run({ runOnly: { type: "tag", values: tags } });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")} ${failureSummary}`),
    );
  });
}

/** The row of a conversation in the list. */
export function row(page: Page, name: string) {
  return page
    .getByRole("region", { name: "Conversations", exact: true })
    .getByRole("link", { name: new RegExp(name) });
}

/** A message in the conversation that is open. */
export function message(page: Page, text: string) {
  return page.getByRole("log").getByRole("article").filter({ hasText: text });
}
