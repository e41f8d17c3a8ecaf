// What the tenant has set for the time before a chat: the form, and what is said while the desk is closed.
import { Api } from "../client/src/index";
import { DEMO_PASSWORD } from "../testing/hub";
import { expect, question, test } from "./stage";

test("the form is as the tenant has set it, and says when the desk opens", async ({
  page,
  widget,
  hub,
  sam,
}) => {
  await hub.makeAdmin("ada", "Ada");
  const body = { tenant: "demo", login: "ada", password: DEMO_PASSWORD };
  const { access_token: token } = await new Api({ url: hub.url }).request("POST /api/auth/login", { body });
  const admin = new Api({ url: hub.url, token: () => token });
  const form = {
    title: "Acme",
    greeting: "Ahoy!",
    ask_name: "required",
    topics: [
      { value: "payment", label: "A payment" },
      { value: "returns", label: "Something to send back" },
    ],
  } as const;
  await admin.request("PUT /api/admin/widget", { body: { ...form, topics: [...form.topics] } });
  await page.reload();
  await widget.bubble.click();
  await expect(widget.window.getByRole("heading", { name: "Ahoy!" })).toBeVisible();
  await expect(widget.window.getByRole("heading", { name: "Acme" })).toBeVisible();
  const first = question("The zip is broken");
  await widget.window.locator("[name=message]").fill(first);
  await widget.window.getByLabel("What is it about?").selectOption("Something to send back");
  await widget.window.locator("[type=submit]").click();
  await expect(widget.window.getByText("Please fill this in.")).toBeVisible();
  await widget.window.getByLabel("Your name").fill("Asha");
  await widget.window.locator("[type=submit]").click();
  const his = await sam.open(first);
  const view = await sam.client.api.request("GET /api/conversations/{id}", { path: { id: his.id } });
  expect([view.issue_type, view.customer.name]).toEqual(["returns", "Asha"]);
  await sam.client.api.request("POST /api/conversations/{id}/close", { path: { id: his.id } });

  // Open on one day only, which is not today nor tomorrow.
  const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
  const day = days[(new Date().getUTCDay() + 3) % 7] ?? "monday";
  const levels = { time_zone: "UTC", hours: [{ day, from: "09:00", until: "17:00" }] };
  await admin.request("PUT /api/admin/service-levels", { body: levels });
  await widget.window.getByRole("button", { name: "Start a new chat" }).click();
  const closed = widget.window.getByRole("status").filter({ hasText: "We are closed right now." });
  await expect(closed).toContainText(new RegExp(day, "i"));
  await widget.isAccessible("while the desk is closed");
  await admin.request("PUT /api/admin/widget", {
    body: { ...form, topics: [...form.topics], closed_message: "Gone fishing." },
  });
  await page.reload();
  await widget.bubble.click();
  await expect(widget.window.getByText(/Gone fishing\. We are back/)).toBeVisible();

  await admin.request("PUT /api/admin/service-levels", { body: { time_zone: "UTC" } });
  await admin.request("PUT /api/admin/widget", { body: {} });
});
