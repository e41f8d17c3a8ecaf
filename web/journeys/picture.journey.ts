// An agent's picture: chosen in the console, seen by customers in the widget, taken away.
import type { Locator } from "@playwright/test";
import { logIn, row, violations } from "../console/e2e/desk";
import { expect, fresh, question, test } from "./stage";

type Desk = Parameters<typeof logIn>[1];

/** A grey PNG of 20 x 20 pixels. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABQAAAAUCAAAAACo4kLRAAAAEUlEQVR42mM4gQUwjAoOJkEAaaQ4kP7Fs8IAAAAASUVORK5CYII=",
  "base64",
);

/** Whether a picture is there and has been drawn. */
async function isDrawn(picture: Locator): Promise<boolean> {
  if ((await picture.count()) === 0) return false;
  return picture.first().evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0);
}

test("customers see the picture that an agent has chosen, and initials without one", async ({
  browser,
  widget,
  hub,
}) => {
  const context = await browser.newContext();
  await fresh(context);
  const sam = await logIn(context, { hub, url: `${hub.url}/console/` } as Desk, "sam");
  await sam.getByRole("button", { name: /^You: Sam/ }).click();
  await sam.getByRole("menuitem", { name: /^Online/ }).click();
  await sam.getByRole("button", { name: /^You: Sam/ }).click();
  await sam.getByRole("menuitem", { name: "Preferences" }).click();
  const dialog = sam.getByRole("dialog", { name: "Preferences" });
  const own = dialog.getByRole("region", { name: "Your picture" });
  await expect(own.getByRole("button", { name: "Take it away" })).toHaveCount(0);
  const file = own.locator("input[type=file]");
  await file.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await expect(own.getByRole("alert")).toContainText("no picture that can be read");
  await file.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: PICTURE });
  await expect.poll(() => isDrawn(own.locator("img"))).toBe(true);
  await expect(own.getByRole("alert")).toHaveCount(0);
  expect(await violations(sam)).toEqual([]);
  await sam.keyboard.press("Escape");

  await widget.begin(question("Who are you?"), "Curious");
  await row(sam, "Curious").click();
  await expect(widget.window.getByRole("heading", { level: 2 })).toHaveText(/Sam/);
  await expect.poll(() => isDrawn(widget.window.locator(".header .avatar img"))).toBe(true);
  await sam.getByRole("textbox", { name: "Reply to Curious" }).fill("It is me.");
  await sam.keyboard.press("Enter");
  await expect(widget.said("It is me.")).toBeVisible();
  await expect.poll(() => isDrawn(widget.log.locator(".avatar img"))).toBe(true);
  await widget.isAccessible("a picture");

  await sam.getByRole("button", { name: /^You: Sam/ }).click();
  await sam.getByRole("menuitem", { name: "Preferences" }).click();
  await own.getByRole("button", { name: "Take it away" }).click();
  await expect(own.locator("img")).toHaveCount(0);
  const answer = await fetch(`${hub.url}/api/people/demo/sam/picture`);
  expect(answer.status).toBe(204);
  await sam.keyboard.press("Escape");
  await sam.getByRole("button", { name: "Close", exact: true }).click();
  await context.close();
});
