// Files, both ways: pictures with a preview, others by name and size, and what the hub doesn't take.
import { deflateSync } from "node:zlib";
import { upload } from "../client/src/index";
import { until } from "../testing/agent";
import { expect, question, test } from "./stage";

test("a customer attaches a picture, an agent a document", async ({ page, widget, sam }) => {
  const first = question("It came broken");
  await widget.begin(first);
  const his = await sam.open(first);
  const chooser = page.waitForEvent("filechooser");
  await widget.window.getByRole("button", { name: "Attach a file" }).click();
  await (await chooser).setFiles({ name: "broken.png", mimeType: "image/png", buffer: picture(64, 48) });
  const picture_ = widget.log.getByRole("img", { name: "broken.png" });
  await expect(picture_).toBeVisible();
  const loaded = () => picture_.evaluate((image) => (image as HTMLImageElement).naturalWidth);
  await expect.poll(loaded).toBeGreaterThan(0);
  await expect(widget.window.locator(".uploads")).toHaveCount(0);
  await until("the agent has the picture", () => {
    const body = his.snapshot().messages.at(-1)?.body;
    return body?.kind === "IMAGE" && body.attachment.width === 64;
  });

  const file = new Blob(["How to send it back\n"], { type: "text/plain" });
  await upload(sam.client, his.id, file, { name: "return.txt", text: "Here is how" });
  const link = widget.log.getByRole("link", { name: /return\.txt/ });
  await expect(link).toBeVisible();
  await expect(widget.said("Here is how")).toBeVisible();
  const address = (await link.getAttribute("href")) ?? "";
  const answer = await page.request.get(address);
  expect(await answer.text()).toBe("How to send it back\n");
  await widget.isAccessible("with files");
  await page.reload();
  await widget.bubble.click();
  await expect(picture_).toBeVisible();
  await expect(link).toBeVisible();
});

test("a file that the hub doesn't take says why, and can be given up", async ({ page, widget, sam }) => {
  const first = question();
  await widget.begin(first);
  await sam.open(first);
  const chooser = page.waitForEvent("filechooser");
  await widget.window.getByRole("button", { name: "Attach a file" }).click();
  await (await chooser).setFiles({
    name: "tool.exe",
    mimeType: "image/png",
    buffer: Buffer.from("MZ\u0090\0\u0003\0\0\0"),
  });
  await expect(widget.window.locator(".uploads .problem")).toBeVisible();
  await widget.isAccessible("with a file that failed");
  await widget.window.getByRole("button", { name: "Cancel: tool.exe" }).click();
  await expect(widget.window.locator(".uploads")).toHaveCount(0);
});

/** A picture as a PNG file: all of one colour. */
function picture(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + width * 3), 0x80);
  for (let row = 0; row < height; row += 1) rows[row * (1 + width * 3)] = 0;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc(data: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
