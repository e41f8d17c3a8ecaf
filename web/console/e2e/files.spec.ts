import { Buffer } from "node:buffer";
import { Customer, expect, logIn, message, row, test } from "./desk";

/** One red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

test("an agent sends a picture and a file, and both can be opened", async ({ context, desk }) => {
  const page = await logIn(context, desk, "sam");
  await Customer.start(desk, "Irene", "Please send me the form.");
  await row(page, "Irene").click();
  await expect(message(page, "Please send me the form.")).toBeVisible();
  const files = page.getByLabel("Files to attach");
  await files.setInputFiles({ name: "red.png", mimeType: "image/png", buffer: PNG });
  const picture = page.getByRole("log").getByRole("link", { name: /Open red.png/ });
  await expect(picture.getByRole("img", { name: "red.png" })).toBeVisible();
  await files.setInputFiles({ name: "form.txt", mimeType: "text/plain", buffer: Buffer.from("Name:\n") });
  const file = page.getByRole("log").getByRole("link", { name: /form.txt/ });
  await expect(file).toHaveAttribute("href", /\/api\/files\//);
  const url = await file.getAttribute("href");
  const answer = await fetch(new URL(url ?? "", desk.hub.url));
  expect(await answer.text()).toBe("Name:\n");
});
