import { expect, logIn, test } from "./desk";

test("an admin makes a person, names a team, sets the routing, and has a webhook tested", async ({
  context,
  desk,
}) => {
  await desk.hub.makeAdmin("ada", "Ada");
  const page = await logIn(context, desk, "ada");
  const dialog = page.getByRole("dialog");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "New person" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Nina Neu");
  await dialog.getByLabel("Login").fill("nina");
  await dialog.getByLabel("Password").fill("a-long-password");
  await dialog.getByLabel("Teams").fill("billing, returns");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Nina Neu" }).click();
  await dialog.getByLabel("Conversations at once").fill("3");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("row", { name: /Nina Neu/ }).getByRole("cell", { name: "3" })).toBeVisible();

  await page.getByRole("link", { name: "Teams" }).click();
  await page.getByRole("button", { name: "billing" }).click();
  await dialog.getByLabel("Name").fill("Billing desk");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /Billing desk/ })).toContainText("Nina Neu");

  await page.getByRole("link", { name: "Routing" }).click();
  await page.getByLabel("Who gets the next conversation").selectOption("round_robin");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Who gets the next conversation")).toHaveValue("round_robin");

  await page.getByRole("link", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: "New webhook" }).click();
  await dialog.getByLabel("Address").fill("https://webhook.invalid/confab");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Copy it now")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /Show deliveries to/ }).click();
  await dialog.getByRole("button", { name: "Send a test" }).click();
  await expect(dialog.getByRole("row", { name: /Webhook test/ })).toBeVisible();
});
