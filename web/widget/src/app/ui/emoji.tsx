// A few dozen pictures, by mouse, finger or arrow keys.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Texts } from "../i18n/index";
import { Icon } from "./icons";

const ALL = [
  ..."😀😄😅😂🙂😉😊😍😘🤔😐🙄😴😕😟😢😭😡😱😳🤯🤗🤞👍👎👌👏🙌🙏💪👋✌🎉🎁❤💔⭐🔥✅❌❓❗💡📦🚚💳🧾🔧⏰📞📷☕",
];
const COLUMNS = 8;

interface Props {
  texts: Texts;
  insert(emoji: string): void;
}

export function Emoji({ texts, insert }: Props) {
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  const grid = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (open) grid.current?.querySelectorAll("button")[at]?.focus();
  }, [open, at]);

  useEffect(() => {
    if (!open) return;
    const root = grid.current?.getRootNode();
    const outside = (event: Event) => {
      const path = event.composedPath();
      if (grid.current && button.current && !path.includes(grid.current) && !path.includes(button.current)) {
        setOpen(false);
      }
    };
    root?.addEventListener("pointerdown", outside);
    return () => root?.removeEventListener("pointerdown", outside);
  }, [open]);

  const keys = (event: KeyboardEvent) => {
    const forward = getComputedStyle(grid.current as Element).direction === "rtl" ? -1 : 1;
    const steps: Record<string, number> = {
      ArrowRight: forward,
      ArrowLeft: -forward,
      ArrowDown: COLUMNS,
      ArrowUp: -COLUMNS,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt(Math.min(Math.max(at + step, 0), ALL.length - 1));
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons inside.
    <div class="emoji" onKeyDown={open ? keys : undefined}>
      <button
        ref={button}
        type="button"
        class="tool"
        aria-label={texts.emoji}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="smile" />
      </button>
      <div class="emoji-grid" ref={grid} role="toolbar" aria-label={texts.emoji} hidden={!open}>
        {open
          ? ALL.map((emoji, index) => (
              <button
                key={emoji}
                type="button"
                tabIndex={index === at ? 0 : -1}
                onClick={() => {
                  setAt(index);
                  setOpen(false);
                  insert(emoji);
                }}
              >
                {emoji}
              </button>
            ))
          : null}
      </div>
    </div>
  );
}
