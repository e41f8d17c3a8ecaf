// How a customer hears of a message while they look elsewhere: the badge, a sound, a notification.
import { isMessage, type Message } from "@confab/client";
import type { Options, WidgetEvents } from "../options";
import type { Session } from "./session";
import { textOf } from "./steps";

const SOUND_KEY = "confab.widget.sound";
const NOTIFY_KEY = "confab.widget.notify";
const SAID_KEY = "confab.widget.said";

export class Alerts {
  #open = false;
  #unread = 0;
  #last: string | undefined;
  #chat: string | undefined;
  #ended = false;
  #audio: AudioContext | undefined;
  readonly #unsubscribe: () => void;
  readonly #shown = () => this.#look();

  constructor(
    readonly session: Session,
    readonly options: Options,
    readonly emit: <K extends keyof WidgetEvents>(name: K, event: WidgetEvents[K]) => void,
  ) {
    this.#unsubscribe = session.subscribe(() => this.#look());
    document.addEventListener("visibilitychange", this.#shown);
    this.#look();
  }

  /** Whether the customer sees the chat now. */
  get seen(): boolean {
    return this.#open && document.visibilityState === "visible";
  }

  set open(open: boolean) {
    this.#open = open;
    this.session.conversation?.view(this.seen);
    this.#look();
  }

  get sound(): boolean {
    const chosen = get(SOUND_KEY);
    return chosen === null ? this.options.sound : chosen === "on";
  }

  set sound(on: boolean) {
    set(SOUND_KEY, on ? "on" : "off");
    if (on) this.#beep();
  }

  /** Whether notifications are shown; `blocked` when the browser was told not to. */
  get notifications(): "on" | "off" | "blocked" | "impossible" {
    if (typeof Notification === "undefined") return "impossible";
    if (Notification.permission === "denied") return "blocked";
    return get(NOTIFY_KEY) === "on" && Notification.permission === "granted" ? "on" : "off";
  }

  async setNotifications(on: boolean): Promise<void> {
    set(NOTIFY_KEY, on ? "on" : "off");
    if (on && this.notifications === "off") await Notification.requestPermission();
  }

  end(): void {
    this.#unsubscribe();
    document.removeEventListener("visibilitychange", this.#shown);
    void this.#audio?.close();
  }

  #look(): void {
    const { chat, conversationId } = this.session.snapshot();
    const fresh = conversationId !== this.#chat;
    this.#chat = conversationId;
    if (fresh && conversationId) this.emit("started", { conversationId });
    const unread = chat?.unread ?? 0;
    if (unread !== this.#unread) {
      this.#unread = unread;
      this.emit("unread", unread);
    }
    if (chat?.ended && !this.#ended && conversationId) this.emit("ended", { conversationId });
    this.#ended = chat?.ended ?? false;
    const last = chat?.messages.findLast((message) => isMessage(message) && !message.mine);
    const news = last !== undefined && last.key !== this.#last && !fresh && this.#last !== undefined;
    if (chat && chat.phase === "ready") this.#last = last?.key ?? "";
    if (news && last && unread > 0) this.#tell(last);
  }

  #tell(message: Message): void {
    const text = textOf(message);
    this.emit("message", { text, from: message.author.name });
    if (this.seen || get(SAID_KEY) === message.key) return;
    // Of several tabs, the first one speaks.
    set(SAID_KEY, message.key);
    if (this.sound) this.#beep();
    if (this.notifications === "on" && document.visibilityState === "hidden") {
      const shown = new Notification(message.author.name, { body: text, tag: "confab" });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    }
  }

  /** Two soft notes. Browsers allow it only after the customer has used the page. */
  #beep(): void {
    try {
      this.#audio ??= new AudioContext();
      const audio = this.#audio;
      const begin = audio.currentTime;
      for (const [at, pitch] of [
        [0, 660],
        [0.12, 880],
      ] as const) {
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.0001, begin + at);
        volume.gain.exponentialRampToValueAtTime(0.12, begin + at + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0001, begin + at + 0.25);
        tone.connect(volume).connect(audio.destination);
        tone.start(begin + at);
        tone.stop(begin + at + 0.3);
      }
    } catch {
      // No sound, then.
    }
  }
}

function get(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function set(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds as long as the browser likes.
  }
}
