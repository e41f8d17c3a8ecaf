// Logging in through the tenant's identity provider: set up by an admin, used from the log-in page, and refused.
import type { Page } from "@playwright/test";
import { CLIENT_ID, Provider } from "../../testing/provider";
import { ask, expect, logIn, test, tokenOf, violations } from "./desk";

async function throughProvider(page: Page, tenant = "demo"): Promise<void> {
  await page.getByLabel("Tenant").fill(tenant);
  await page.getByRole("button", { name: "Through your organisation" }).click();
}

test("staff log in where their organisation does", async ({ context, browser, desk }) => {
  test.setTimeout(120_000);
  const provider = await Provider.start();
  await desk.hub.makeAdmin("ada", "Ada");
  const somebody = await (await browser.newContext()).newPage();
  await somebody.goto(desk.url);
  await throughProvider(somebody);
  await expect(somebody.getByRole("alert")).toContainText("has no identity provider");
  expect(await violations(somebody)).toEqual([]);

  const page = await logIn(context, desk, "ada");
  await page.goto(`${desk.url}#/settings/provider`);
  await expect(page.getByText("Staff log in by password")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Set up a provider" }).click();
  const issuer = page.getByRole("textbox", { name: "Issuer" });
  await issuer.fill("ftp://id.example.org");
  await page.getByRole("textbox", { name: "Client id" }).fill(CLIENT_ID);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(issuer).toBeFocused();
  await expect(issuer).toHaveAccessibleDescription(/has to be a public https URL/i);
  await issuer.fill(provider.issuer);
  await page.getByRole("radio", { name: /Whoever the provider gives a role/ }).check();
  await page.getByRole("textbox", { name: "Claim with the roles" }).fill("groups");
  await page.getByRole("button", { name: "Add a word" }).click();
  await page.getByRole("textbox", { name: "Word" }).fill("support");
  await page.getByRole("combobox", { name: "Role" }).selectOption("supervisor");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Identity provider saved")).toBeVisible();

  provider.person = { login: "ravi", name: "Ravi K", groups: ["support"] };
  await throughProvider(somebody);
  await expect(somebody.getByRole("heading", { name: "Inbox" })).toBeVisible();
  await expect(somebody.getByRole("button", { name: /^You: Ravi K/ })).toBeVisible();
  expect(somebody.url()).not.toContain("id_token");
  const ada = await tokenOf(desk, "ada");
  const ravi = await ask(desk, "GET", "/api/admin/users/ravi", undefined, ada);
  expect(ravi).toMatchObject({ name: "Ravi K", role: "supervisor" });
  await somebody.reload();
  await expect(somebody.getByRole("button", { name: /^You: Ravi K/ })).toBeVisible();

  // Somebody without a role, somebody whom the provider refuses, and an answer to another's question.
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(desk.url);
  provider.person = { login: "eve", name: "Eve", groups: ["visitors"] };
  await throughProvider(stranger);
  await expect(stranger.getByRole("alert")).toBeVisible();
  await expect(stranger.getByLabel("Tenant")).toHaveValue("demo");
  provider.person = null;
  await throughProvider(stranger);
  await expect(stranger.getByRole("alert")).toContainText("Nobody is let in today");
  provider.person = { login: "ravi", name: "Ravi K", groups: ["support"] };
  provider.forged = { state: "of another" };
  await throughProvider(stranger);
  await expect(stranger.getByRole("alert")).toContainText("did not begin here");
  await expect(stranger.getByRole("heading", { name: "Inbox" })).toHaveCount(0);
  expect(stranger.url()).not.toContain("id_token");

  await page.getByRole("button", { name: "Remove the provider" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove the provider" }).click();
  await expect(page.getByText("Staff log in by password")).toBeVisible();
  provider.forged = {};
  await throughProvider(stranger);
  await expect(stranger.getByRole("alert")).toContainText("has no identity provider");
  await stranger.context().close();
  await somebody.context().close();
  await provider.stop();
});
