import { Customer, expect, logIn, message, needs, row, test } from "./desk";

test("a ticket is changed beside its conversation, found, and changed with others at once", async ({
  context,
  desk,
}) => {
  await needs(desk, "/api/tickets/bulk");
  const page = await logIn(context, desk, "rosa");
  await Customer.start(desk, "Ella", "The refund of order 77120 has not arrived.");
  await Customer.start(desk, "Paul", "The parcel of order 77121 is lost.");
  await page.getByRole("link", { name: /^All/ }).click();
  await row(page, "Ella").click();
  const context_ = page.getByRole("complementary", { name: "Customer and ticket" });
  await context_.getByLabel("Priority of the ticket").selectOption("URGENT");
  await expect(context_.getByLabel("Priority of the ticket")).toHaveValue("URGENT");
  await context_.getByLabel("Labels of the ticket, separated by commas").fill("refund, vip");
  await context_.getByLabel("Labels of the ticket, separated by commas").press("Enter");

  await page.getByRole("link", { name: "Tickets", exact: true }).click();
  const tickets = page.getByRole("table", { name: "Tickets" });
  await expect(tickets.getByRole("row", { name: /77120/ })).toContainText("Urgent");
  await expect(tickets.getByRole("row", { name: /77120/ })).toContainText("vip");
  await tickets.getByRole("checkbox", { name: /77120/ }).check();
  await tickets.getByRole("checkbox", { name: /77121/ }).check();
  await page.getByLabel("Assign").selectOption("a:ram");
  await expect(tickets.getByRole("row", { name: /77120/ })).toContainText("Ram");
  await expect(tickets.getByRole("row", { name: /77121/ })).toContainText("Ram");

  await page.getByLabel("Priority", { exact: true }).selectOption("URGENT");
  await expect(tickets.getByRole("row", { name: /77121/ })).toBeHidden();
  await tickets.getByRole("link", { name: /77120/ }).click();
  const panel = page.getByRole("complementary", { name: "Ticket" });
  await expect(panel).toContainText("Assigned agent");
  await expect(panel).toContainText("Conversation 1");
});

test("a canned message is written once and put into replies by its code", async ({ context, desk }) => {
  await needs(desk, "/api/canned-messages");
  const page = await logIn(context, desk, "rosa");
  await page.getByRole("link", { name: "Library" }).click();
  await page.getByRole("button", { name: "New canned message" }).click();
  const dialog = page.getByRole("dialog", { name: "New canned message" });
  await dialog.getByLabel("Code").fill("thanks");
  await dialog.getByLabel("Title").fill("Say thanks");
  await dialog.getByLabel("Text").fill("Thank you, {{customer.first_name|there}}!");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("table", { name: "Canned messages" })).toContainText("/thanks");

  await Customer.start(desk, "Lena Brandt", "All is well now.");
  await page.getByRole("link", { name: /^Inbox/ }).click();
  await page.getByRole("link", { name: /^All/ }).click();
  await row(page, "Lena").click();
  await expect(message(page, "All is well now.")).toBeVisible();
  const composer = page.getByRole("textbox", { name: "Reply to Lena Brandt" });
  await composer.pressSequentially("/tha");
  await expect(page.getByRole("option", { name: /thanks/ })).toBeVisible();
  await composer.press("Enter");
  await expect(composer).toHaveValue("Thank you, Lena!");
});

test("what was said is found by its words", async ({ context, desk }) => {
  await needs(desk, "/api/search");
  const page = await logIn(context, desk, "sam");
  await Customer.start(desk, "Noor El-Amin", "The zeppelin voucher is not accepted.");
  await page.getByRole("link", { name: "Search" }).click();
  const field = page.getByRole("searchbox", { name: "Search everything" });
  await expect(async () => {
    await field.fill("");
    await field.fill("zeppelin");
    await expect(page.locator("mark", { hasText: "zeppelin" }).first()).toBeVisible({ timeout: 3000 });
  }).toPass();
  await page.getByRole("heading", { name: "Messages" }).scrollIntoViewIfNeeded();
  await page.getByRole("link", { name: /with Noor El-Amin/ }).click();
  await expect(message(page, "The zeppelin voucher is not accepted.")).toBeVisible();
});
