// What a page may set, and what holds unless it does.

export interface Options {
  /** Where the hub is; where the script comes from unless given. */
  apiUrl: string;
  tenantId: string;
  /** Colour of the bubble, the header and one's own messages: `#rgb` or `#rrggbb`. */
  primaryColor: string;
  /** Corner of the page; `end` is right, or left where one reads from right to left. */
  position: "right" | "left" | "end";
  /** `auto` takes the page's language, then the browser's. */
  locale: string;
  /** `auto` follows the system. */
  theme: "auto" | "light" | "dark";
  /** Title of the window; the tenant's name, say. */
  title: string;
  /** What is written above the form. */
  greeting: string;
  /** What customers can ask about, else what the tenant has set; without any, `issueType` is taken unasked. */
  topics: { value: string; label: string }[];
  issueType: string;
  /** Team that should answer. */
  team: string;
  /** Whether the form asks for a name; `auto` takes what the tenant has set. */
  askName: "required" | "optional" | "no" | "auto";
  /** What the page knows of the customer already. */
  customer: { name?: string };
  /** Whether a sound is made for new messages, until the customer chooses. */
  sound: boolean;
}

/** What a page writes: all of it may be left out but the tenant. */
export type Settings = Partial<Options> & { tenantId: string };

export const DEFAULTS: Omit<Options, "apiUrl" | "tenantId"> = {
  primaryColor: "#0b6b62",
  position: "end",
  locale: "auto",
  theme: "auto",
  title: "",
  greeting: "",
  topics: [],
  issueType: "GENERAL",
  team: "",
  askName: "auto",
  customer: {},
  sound: true,
};

const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** Completes what a page wrote; what can't be used is told and left out. */
export function complete(settings: Settings, origin: string, warn: (text: string) => void): Options {
  const options: Options = { ...DEFAULTS, apiUrl: origin, ...settings };
  options.apiUrl = options.apiUrl.replace(/\/+$/, "");
  if (!HEX.test(options.primaryColor)) {
    warn(`primaryColor is "${options.primaryColor}": write it as #0b6b62`);
    options.primaryColor = DEFAULTS.primaryColor;
  }
  if (!["right", "left", "end"].includes(options.position)) {
    warn(`position is "${options.position}": it is right, left or end`);
    options.position = DEFAULTS.position;
  }
  return options;
}

/** What happens, for the page around. */
export interface WidgetEvents {
  open: undefined;
  close: undefined;
  /** Messages that were not read yet. */
  unread: number;
  /** A chat has begun. */
  started: { conversationId: string };
  /** A message came. */
  message: { text: string; from: string };
  ended: { conversationId: string };
}
