// The page around the widget: settings, code to take along, events as they come.
import type { Settings, WidgetEvents } from "../src/options";

interface Confab {
  init(settings: Settings): void;
  on<K extends keyof WidgetEvents>(name: K, listener: (event: WidgetEvents[K]) => void): void;
  open(): void;
  close(): void;
  destroy(): void;
}

const confab = (window as unknown as { Confab: Confab }).Confab;
const form = document.querySelector<HTMLFormElement>("#settings");
const KEPT = "confab.demo";

function element(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`${selector} is missing`);
  return found;
}

function settings(): Settings {
  const fields = Object.fromEntries(form ? new FormData(form) : []) as Record<string, string>;
  const { topics = "", tenantId = "", ...rest } = fields;
  const lines = topics.split("\n").filter((line) => line.includes(":"));
  const given = Object.entries(rest).filter(([, value]) => value !== "" && value !== "auto");
  return {
    tenantId,
    ...(Object.fromEntries(given) as Partial<Settings>),
    topics: lines.map((line) => {
      const at = line.indexOf(":");
      return { value: line.slice(0, at).trim(), label: line.slice(at + 1).trim() };
    }),
  };
}

function apply(): void {
  const wanted = settings();
  const { topics = [], ...plain } = wanted;
  const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const attributes = Object.entries(plain).map(
    ([name, value]) => `\n  data-${kebab(name)}="${String(value)}"`,
  );
  element("#tag").textContent =
    `<script async src="${location.origin}/widget.js"${attributes.join("")}></script>`;
  element("#calls").textContent = [
    "<script>",
    "  window.Confab ||= function () { (Confab.q ||= []).push(arguments); };",
    `  Confab("init", ${JSON.stringify({ ...plain, topics }, null, 2).replace(/\n/g, "\n  ")});`,
    `  Confab("on", "unread", (count) => console.log(count));`,
    "</script>",
    `<script async src="${location.origin}/widget.js"></script>`,
  ].join("\n");
  const socket = location.origin.replace(/^http/, "ws");
  element("#policy").textContent =
    `script-src ${location.origin}; connect-src ${location.origin} ${socket}; img-src ${location.origin}`;
  confab.init(wanted);
}

function tell(name: string, event: unknown): void {
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString();
  line.append(time, ` ${name} ${event === undefined ? "" : JSON.stringify(event)}`);
  element("#events").prepend(line);
}

for (const name of ["open", "close", "started", "message", "unread", "ended"] as const) {
  confab.on(name, (event) => tell(name, event));
}
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-call]")) {
  button.onclick = () => confab[button.dataset.call as "open"]();
}
if (form) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, string>;
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements.namedItem(name);
    if (
      field instanceof HTMLInputElement ||
      field instanceof HTMLSelectElement ||
      field instanceof HTMLTextAreaElement
    ) {
      field.value = value;
    }
  }
  form.onsubmit = (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(new FormData(form))));
    apply();
  };
}
apply();
