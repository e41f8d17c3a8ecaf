// The widget by keyboard alone, on a phone, in the dark, from right to left, and as a screen reader finds it.
import { expect, fresh, question, test, Widget } from "./stage";

test("everything works by keyboard, and the focus is where it should be", async ({ page, widget, sam }) => {
  const first = question();
  const active = () =>
    page.evaluate(() => {
      const element = document.querySelector("#confab-widget")?.shadowRoot?.activeElement;
      return element?.getAttribute("name") ?? element?.getAttribute("aria-label") ?? element?.className ?? "";
    });
  await expect(widget.bubble).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(active).toBe("name");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  // Nothing was written: the form says so, and leads to the field.
  await page.keyboard.press("Enter");
  await expect(widget.window.getByText("Please fill this in.")).toBeVisible();
  await expect.poll(active).toBe("message");
  await page.keyboard.type(first);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(widget.said(first)).toBeVisible();
  await expect.poll(active).toBe("Message");
  const his = await sam.open(first);
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("in two lines");
  await page.keyboard.press("Enter");
  await expect(widget.said("in two lines")).toBeVisible();
  expect(his.snapshot().phase).toBe("ready");

  // Back over the button for files to the one for emoji.
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(active).toBe("Message");
  expect(await widget.field.inputValue()).toMatch(/\p{Emoji}/u);

  await page.keyboard.press("Escape");
  await expect(widget.window).toBeHidden();
  await expect.poll(active).toBe("Open chat");
});

for (const [name, options, attributes] of [
  ["in the light", { colorScheme: "light" }, {}],
  ["in the dark", { colorScheme: "dark" }, { "primary-color": "#ffd166" }],
  ["from right to left", { colorScheme: "light" }, { locale: "ar" }],
  [
    "on a phone",
    { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true },
    { locale: "de" },
  ],
] as const) {
  test(`axe finds no fault in any state, ${name}`, async ({ browser, shop, sam }) => {
    const context = await browser.newContext(options);
    await fresh(context);
    const widget = new Widget(await context.newPage());
    await widget.page.goto(shop.url(attributes));
    await widget.page.emulateMedia({ reducedMotion: "reduce" });
    await sam.available("offline");
    await widget.isAccessible("closed");
    await widget.bubble.click();
    await expect(widget.window).toBeVisible();
    await widget.isAccessible("form");
    await widget.window.locator("[type=submit]").click();
    await widget.isAccessible("form with what is missing");
    const first = question();
    await widget.window.locator("[name=message]").fill(first);
    await widget.window.locator("[type=submit]").click();
    await expect(widget.window.locator(".queue[data-shown=true]")).toBeVisible();
    await widget.isAccessible("in the queue");
    await sam.available("online");
    const his = await sam.open(first);
    his.send("Hello");
    await widget.say("Hi");
    await expect(widget.said("Hello")).toBeVisible();
    his.typed("x");
    await expect(widget.window.locator(".dots")).toBeVisible();
    await widget.isAccessible("chatting");
    await widget.window.locator(".emoji > .tool").click();
    await widget.isAccessible("emoji");
    await widget.page.keyboard.press("Escape");
    await widget.window.locator(".menu > .tool").click();
    await widget.isAccessible("menu");
    await widget.page.keyboard.press("Escape");
    await sam.client.api.request("POST /api/conversations/{id}/close", { path: { id: his.id } });
    await expect(widget.window.locator(".ended")).toBeVisible();
    await widget.isAccessible("ended");
    expect(widget.complaints).toEqual([]);
    await context.close();
  });
}

test("on a phone the window fills the screen and keeps the focus", async ({ browser, shop }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await fresh(context);
  const page = await context.newPage();
  const widget = new Widget(page);
  await page.goto(shop.url());
  await widget.bubble.tap();
  await expect(widget.window).toBeVisible();
  await expect(widget.window).toHaveAttribute("aria-modal", "true");
  await page.waitForTimeout(300);
  expect(await widget.window.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  const inside = () =>
    page.evaluate(
      () => document.querySelector("#confab-widget")?.shadowRoot?.activeElement?.closest(".window") !== null,
    );
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press("Tab");
    expect(await inside()).toBe(true);
  }
  await context.close();
});

test("Arabic is read from the right, and the corner follows", async ({ page, shop }) => {
  const widget = new Widget(page);
  await page.goto(shop.url({ locale: "ar" }));
  await widget.bubble.click();
  const heading = widget.window.getByRole("heading", { level: 3 });
  await expect(heading).toHaveText("مرحباً! كيف يمكننا مساعدتك؟");
  expect(await heading.evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
  expect((await widget.bubble.boundingBox())?.x).toBeLessThan(100);
});

test("new messages are announced", async ({ widget, sam }) => {
  const first = question();
  await widget.begin(first);
  await expect(widget.log).toHaveAttribute("aria-live", "polite");
  const his = await sam.open(first);
  his.send("read this aloud");
  await expect(widget.log.getByText("read this aloud")).toBeVisible();
});
