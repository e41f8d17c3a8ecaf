// How customers say how they were served: once each time a chat ends, and the desk sees it.
import { until } from "../testing/agent";
import { expect, fresh, question, test, Widget } from "./stage";

test("a customer rates a chat once, and again after it went on", async ({ page, widget, sam }) => {
  const first = question();
  await widget.begin(first);
  const his = await sam.open(first);
  const path = { id: his.id };
  const given = async () => {
    const view = await sam.client.api.request("GET /api/conversations/{id}", { path });
    return view.satisfaction ? [view.satisfaction.score, view.satisfaction.comment] : undefined;
  };
  await sam.client.api.request("POST /api/conversations/{id}/close", { path });
  const survey = widget.window.getByRole("group", { name: "How did we do?" });
  await expect(survey).toBeVisible();
  await widget.isAccessible("survey");
  await survey.getByRole("radio", { name: "Good", exact: true }).check();
  await widget.window.getByRole("textbox", { name: "Anything to add?" }).fill("Quick!");
  await widget.isAccessible("survey with a comment");
  await widget.window.getByRole("button", { name: "Send", exact: true }).click();
  await expect(widget.window.getByText("Thank you for telling us!")).toBeVisible();
  await expect(survey).toBeHidden();
  expect(await given()).toEqual([4, "Quick!"]);

  // The hub remembers, not the page.
  await page.reload();
  await widget.bubble.click();
  await expect(widget.window.getByText("Thank you for telling us!")).toBeVisible();
  await expect(survey).toBeHidden();

  await sam.client.api.request("POST /api/conversations/{id}/reopen", { path });
  await expect(widget.field).toBeVisible();
  await until("it is open again", async () => (await given()) === undefined);
  await sam.client.api.request("POST /api/conversations/{id}/close", { path });
  await survey.getByRole("radio", { name: "Very good" }).check();
  await widget.window.getByRole("button", { name: "Send", exact: true }).click();
  await expect(widget.window.getByText("Thank you for telling us!")).toBeVisible();
  expect((await given())?.[0]).toBe(5);
});

test("a survey is answered on a phone by touch, in Arabic", async ({ browser, shop, sam }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await fresh(context);
  const widget = new Widget(await context.newPage());
  await widget.page.goto(shop.url({ locale: "ar" }));
  const first = question();
  await widget.bubble.tap();
  await widget.window.locator("[name=message]").fill(first);
  await widget.window.locator("[type=submit]").tap();
  const his = await sam.open(first);
  await sam.client.api.request("POST /api/conversations/{id}/close", { path: { id: his.id } });
  await widget.isAccessible("survey, from right to left");
  await widget.window.locator(".faces label").first().tap();
  await widget.window.locator(".survey [type=submit]").tap();
  await expect(widget.window.locator(".thanks")).toBeVisible();
  const faces = await sam.client.api.request("GET /api/conversations/{id}", { path: { id: his.id } });
  expect(faces.satisfaction?.score).toBe(1);
  expect(widget.complaints).toEqual([]);
  await context.close();
});
