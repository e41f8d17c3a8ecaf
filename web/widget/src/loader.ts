// The one script that a page has. It shows the bubble, takes calls, and loads the rest when the chat is first opened,
// or when there is a chat from an earlier page to go on with.

import { on } from "./app/colour";
import type { App } from "./app/index";
import { choose } from "./app/locale";
import css from "./loader.css?inline";
import { hasChat } from "./memory";
import { complete, type Options, type Settings, type WidgetEvents } from "./options";
import { adopt } from "./sheet";

/** Where the rest lies, beside this script; written by the build. */
declare const __APP__: string;

type Listener = (event: never) => void;
type Loaded = { mount: typeof import("./app/index").mount };
type Command = keyof Api;

const ICONS = {
  chat: "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l2-5.8A8.4 8.4 0 1 1 21 11.5z",
  close: "M6 9l6 6 6-6",
};
const PHONE = "(max-width: 480px)";

const script = document.currentScript as HTMLScriptElement | null;
const base = script ? new URL(".", script.src).href : `${location.origin}/`;

class Widget {
  readonly options: Options;
  readonly locale;
  readonly host = document.createElement("div");
  readonly #root = document.createElement("div");
  readonly #bubble = document.createElement("button");
  readonly #badge = document.createElement("span");
  readonly #shadow: ShadowRoot;
  #app: Promise<App> | undefined;
  #open = false;
  #unread = 0;

  constructor(
    settings: Settings,
    readonly emit: <K extends keyof WidgetEvents>(name: K, event: WidgetEvents[K]) => void,
  ) {
    const options = complete(settings, base, warn);
    this.options = options;
    this.locale = choose(
      options.locale === "auto" ? [document.documentElement.lang, ...navigator.languages] : [options.locale],
    );
    this.host.id = "confab-widget";
    this.#shadow = this.host.attachShadow({ mode: "open" });
    const accent = options.primaryColor;
    adopt(this.#shadow, `:host{--accent:${accent};--on-accent:${on(accent)}}${css}`);
    this.#root.className = "confab";
    this.#root.dir = this.locale.direction;
    this.#root.lang = this.locale.tag;
    this.#root.dataset.side = options.position;
    this.#root.dataset.theme = options.theme;
    this.#bubble.className = "bubble";
    this.#bubble.type = "button";
    this.#bubble.onclick = () => (this.#open ? this.close() : this.open());
    // Loading begins a little before the click that needs it.
    this.#bubble.onpointerenter = () => void this.#load().catch(() => {});
    this.#badge.className = "badge";
    this.#root.append(this.#bubble);
    this.#shadow.append(this.#root);
    this.#draw();
    document.body.append(this.host);
    if (hasChat(options.tenantId)) idle(() => void this.#load().catch(() => {}));
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#draw();
    this.#load().then(
      (app) => this.#open && app.open(),
      () => {
        // The network is away: the next click tries again.
        this.#open = false;
        this.#draw();
        warn("the chat could not be loaded");
      },
    );
    this.emit("open", undefined);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#draw();
    void this.#app?.then((app) => app.close());
    this.#bubble.focus();
    this.emit("close", undefined);
  }

  destroy(): void {
    void this.#app?.then((app) => app.destroy());
    this.host.remove();
  }

  #load(): Promise<App> {
    this.#app ??= (import(/* @vite-ignore */ base + __APP__) as Promise<Loaded>)
      .then(({ mount }) =>
        mount({
          root: this.#root,
          shadow: this.#shadow,
          options: this.options,
          locale: this.locale,
          phone: PHONE,
          close: () => this.close(),
          emit: (name, event) => {
            if (name === "unread") {
              this.#unread = event as number;
              this.#draw();
            }
            this.emit(name, event);
          },
        }),
      )
      .catch((error: unknown) => {
        this.#app = undefined;
        throw error;
      });
    return this.#app;
  }

  #draw(): void {
    const { open, close, unread } = this.locale;
    const label = this.#open ? close : open;
    this.#bubble.setAttribute("aria-label", this.#unread ? `${label}, ${unread(this.#unread)}` : label);
    this.#bubble.setAttribute("aria-expanded", String(this.#open));
    this.#root.dataset.open = String(this.#open);
    this.#bubble.replaceChildren(icon(this.#open ? ICONS.close : ICONS.chat));
    this.#badge.textContent = this.#unread > 99 ? "99+" : String(this.#unread);
    if (this.#unread && !this.#open) this.#bubble.append(this.#badge);
  }
}

function icon(path: string): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

function idle(work: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 500);
}

function warn(text: string): void {
  // biome-ignore lint/suspicious/noConsole: pages' authors look here.
  console.warn(`Confab: ${text}`);
}

/** What a page may call: `Confab.open()`, or `Confab("open")` before this script is there. */
class Api {
  readonly #listeners = new Map<string, Set<Listener>>();
  #widget: Widget | undefined;

  /** Shows the bubble. A second call replaces the first. */
  init(settings: Settings): void {
    if (!settings?.tenantId) {
      warn("init needs a tenantId");
      return;
    }
    this.#widget?.destroy();
    const make = () => {
      this.#widget = new Widget(settings, (name, event) => {
        for (const listener of this.#listeners.get(name) ?? []) listener(event as never);
      });
    };
    if (document.body) make();
    else addEventListener("DOMContentLoaded", make);
  }

  open(): void {
    this.#widget?.open();
  }

  close(): void {
    this.#widget?.close();
  }

  /** Listens to what happens; the function it returns ends that. */
  on<K extends keyof WidgetEvents>(name: K, listener: (event: WidgetEvents[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as Listener));
    return () => listeners.delete(listener as Listener);
  }

  /** Takes the widget from the page. A chat goes on when it is back. */
  destroy(): void {
    this.#widget?.destroy();
    this.#widget = undefined;
  }
}

const api = new Api();
const call = (name: Command, ...rest: unknown[]) => (api[name] as (...rest: unknown[]) => unknown)(...rest);
const page = window as unknown as { Confab?: { q?: Iterable<[string, ...unknown[]]> } };
const queue = [...(page.Confab?.q ?? [])];
Object.assign(page, {
  Confab: Object.assign(call, {
    init: api.init.bind(api),
    open: api.open.bind(api),
    close: api.close.bind(api),
    on: api.on.bind(api),
    destroy: api.destroy.bind(api),
  }),
});
for (const [name, ...rest] of queue.map((given) => [...given] as [string, ...unknown[]]))
  call(name as Command, ...rest);

// A page whose policy forbids scripts written into it sets attributes: data-tenant-id, data-primary-color and so on.
const data = script?.dataset;
if (data?.tenantId) {
  const { tenantId, ...others } = data as { tenantId: string };
  api.init({ ...(others as Partial<Settings>), tenantId });
}
