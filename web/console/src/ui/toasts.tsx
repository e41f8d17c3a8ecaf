// Toasts: short messages at the edge of the screen that go by themselves, or stay while pointed at.

import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { createStore, useStore } from "zustand";
import { t } from "../i18n";
import { Button, IconButton } from "./button";
import css from "./ui.module.css";

export interface Toast {
  id: number;
  title: string;
  text?: string;
  tone: "plain" | "good" | "bad";
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6000;
const KEPT = 3;
let made = 0;

const store = createStore<{ toasts: Toast[] }>(() => ({ toasts: [] }));

/** Shows a toast. The same title and text again only renews the one that is there. */
export function toast(title: string, more: Partial<Omit<Toast, "id" | "title">> = {}): void {
  made += 1;
  const next: Toast = { id: made, title, tone: "plain", ...more };
  store.setState(({ toasts }) => {
    const others = toasts.filter((shown) => shown.title !== next.title || shown.text !== next.text);
    return { toasts: [...others, next].slice(-KEPT) };
  });
}

function dismiss(id: number): void {
  store.setState(({ toasts }) => ({ toasts: toasts.filter((shown) => shown.id !== id) }));
}

export function Toasts() {
  const toasts = useStore(store, (state) => state.toasts);
  return (
    <section aria-label={t("Notifications")} className={css.toasts}>
      {toasts.map((shown) => (
        <ToastCard key={shown.id} toast={shown} />
      ))}
    </section>
  );
}

function ToastCard({ toast: { id, title, text, tone, action } }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it or focusing in it only keeps it
    <div
      className={`${css.toast} ${tone === "bad" ? css.bad : tone === "good" ? css.good : ""}`}
      role={tone === "bad" ? "alert" : "status"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div className={css.toastText}>
        <strong>{title}</strong>
        {text ? <span>{text}</span> : null}
      </div>
      {action ? (
        <Button
          small
          onClick={() => {
            action.run();
            dismiss(id);
          }}
        >
          {action.label}
        </Button>
      ) : null}
      <IconButton small label={t("Dismiss")} onClick={() => dismiss(id)}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
