// What the loader loads: the window with the chat in it.
import { render } from "preact";
import type { Options, WidgetEvents } from "../options";
import { adopt } from "../sheet";
import { Alerts } from "./alerts";
import { readable } from "./colour";
import { textsOf } from "./i18n/index";
import type { Locale } from "./locale";
import { Session } from "./session";
import css from "./style.css?inline";
import { Window } from "./ui/window";

export interface Surroundings {
  root: HTMLElement;
  shadow: ShadowRoot;
  options: Options;
  locale: Locale;
  /** Media query of screens that the window fills. */
  phone: string;
  close(): void;
  emit<K extends keyof WidgetEvents>(name: K, event: WidgetEvents[K]): void;
}

export interface App {
  open(): void;
  close(): void;
  destroy(): void;
}

/** Surfaces on which the page's colour has to be readable as text. */
const LIGHT = "#ffffff";
const DARK = "#151b1a";

export function mount(around: Surroundings): App {
  const { options, locale, shadow } = around;
  const accent = (surface: string) => `--accent-text:${readable(options.primaryColor, surface)}`;
  const dark = `.confab[data-theme="dark"]{${accent(DARK)}}`;
  const auto = `@media (prefers-color-scheme:dark){.confab[data-theme="auto"]{${accent(DARK)}}}`;
  adopt(shadow, `${css}.confab{${accent(LIGHT)}}${dark}${auto}`);
  const session = new Session(options);
  const alerts = new Alerts(session, options, around.emit);
  const place = document.createElement("div");
  around.root.prepend(place);
  const texts = textsOf(locale);
  const draw = (open: boolean) => {
    alerts.open = open;
    render(
      <Window
        open={open}
        session={session}
        alerts={alerts}
        options={options}
        locale={locale}
        texts={texts}
        phone={around.phone}
        close={around.close}
      />,
      place,
    );
  };
  draw(false);
  return {
    open: () => draw(true),
    close: () => draw(false),
    destroy() {
      render(null, place);
      alerts.end();
      session.destroy();
    },
  };
}
