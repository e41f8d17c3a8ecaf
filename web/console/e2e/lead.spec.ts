// What those who lead do: hours, the widget's form, the audit log, reports, the knowledge base.
import { ask, Customer, expect, logIn, test, tokenOf, violations } from "./desk";

test("an admin sets hours and the widget's form, is not overwritten, and sees who did what", async ({
  context,
  browser,
  desk,
}) => {
  await desk.hub.makeAdmin("ada", "Ada");
  const page = await logIn(context, desk, "ada");
  const other = await logIn(await browser.newContext(), desk, "ada");
  const link = (at: typeof page, name: string) =>
    at.getByRole("navigation", { name: "Settings", exact: true }).getByRole("link", { name });
  for (const at of [page, other]) {
    await at.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Settings" }).click();
    await link(at, "Hours and targets").click();
    await expect(at.getByText("Always open.")).toBeVisible();
  }
  await page.getByRole("button", { name: "Add hours" }).click();
  await page.getByRole("combobox", { name: "Day" }).selectOption("wednesday");
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  await page.getByLabel("Closed on").fill("2030-12-25");
  await page.getByLabel("First response, Urgent").fill("5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Hours and targets saved")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("combobox", { name: "Day" })).toHaveValue("wednesday");
  await expect(page.getByLabel("Closed on")).toHaveValue("2030-12-25");
  await expect(page.getByLabel("First response, Urgent")).toHaveValue("5");

  // Whoever has the older version in front of them is told, and overwrites nothing.
  await other.getByLabel("Time zone").fill("Mars/Base");
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByLabel("Time zone")).toBeFocused();
  await expect(other.getByLabel("Time zone")).toHaveAttribute("aria-invalid", "true");
  await other.getByLabel("Time zone").fill("Europe/Paris");
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByRole("alert")).toContainText("Nothing was overwritten.");
  await expect(other.getByText("Hours and targets saved")).toBeHidden();
  await page.reload();
  await expect(page.getByLabel("Time zone")).toHaveValue("Europe/Berlin");

  await link(page, "Widget").click();
  await page.getByLabel("Greeting").fill("Ahoy!");
  await page.getByLabel("Ask for a name").selectOption("required");
  await page.getByLabel("Topics").fill("payment: A payment\nreturns: Something to send back");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Form saved")).toBeVisible();
  const site = await ask<{ widget: object; open: boolean }>(desk, "GET", "/api/site?tenant=demo");
  expect(site.widget).toMatchObject({
    greeting: "Ahoy!",
    ask_name: "required",
    topics: [{ value: "payment", label: "A payment" }, { value: "returns" }],
  });

  await link(page, "Audit log").click();
  const log = page.getByRole("table", { name: "Audit log" });
  await expect(log.getByRole("row", { name: /Ada.*Changed service levels/ }).first()).toBeVisible();
  await page.getByRole("combobox", { name: "Who" }).selectOption("sam");
  await expect(log.getByRole("row", { name: /Ada/ })).toHaveCount(0);
  const ada = await tokenOf(desk, "ada");
  await ask(desk, "PUT", "/api/admin/service-levels", { time_zone: "UTC" }, ada);
  await ask(desk, "PUT", "/api/admin/widget", {}, ada);
  await other.context().close();
});

test("what customers said in surveys is in the report", async ({ context, desk }) => {
  const rosa = await tokenOf(desk, "rosa");
  for (const score of [5, 4]) {
    const one = await Customer.start(desk, `Happy ${score}`, "Thanks in advance.");
    // It begins a moment after the hub has answered.
    const close = () => ask(desk, "POST", `/api/conversations/${one.conversation}/close`, {}, rosa);
    await expect(close).toPass();
    const path = `/api/conversations/${one.conversation}/survey`;
    await ask(desk, "POST", path, { score, comment: "Nice." }, one.token);
  }
  const page = await logIn(context, desk, "rosa");
  await page.getByRole("link", { name: "Reports" }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("2 answers")).toBeVisible({ timeout: 2000 });
  }).toPass();
  await expect(page.getByText("4.5 of 5").first()).toBeVisible();
  const chart = page
    .getByRole("figure", { name: /Satisfaction/ })
    .or(page.locator("figure", { hasText: "Mean, 1 to 5" }));
  await expect(chart.getByRole("cell", { name: "4.5" })).toBeAttached();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  expect((await download).suggestedFilename()).toBe("confab-report.csv");
  expect(await violations(page)).toEqual([]);
});

test("an article is written, found by a question, and published", async ({ context, desk }) => {
  const page = await logIn(context, desk, "rosa");
  await page.getByRole("link", { name: "Library" }).click();
  await page.getByRole("link", { name: "Knowledge base" }).click();
  await page.getByRole("button", { name: "New article" }).click();
  const dialog = page.getByRole("dialog", { name: "New article" });
  await dialog.getByLabel("Title").fill("How long does a refund take?");
  await dialog.getByLabel("Text").fill("Two or three working days after the parcel has come back.");
  await dialog.getByLabel("Labels").fill("refund, money");
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole("searchbox", { name: "Ask the knowledge base" }).fill("when do I get my refund");
  const found = page
    .getByRole("table", { name: "Articles" })
    .getByRole("row", { name: /How long does a refund/ });
  await expect(found).toContainText("Draft");
  await page.getByRole("button", { name: "How long does a refund take?" }).click();
  await page.getByRole("checkbox", { name: /Published/ }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(found).toContainText("Published");
});
