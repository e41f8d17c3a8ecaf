// What one can set, and the two things one does seldom.
import { useEffect, useRef, useState } from "preact/hooks";
import { download } from "../transcript";
import { Icon } from "./icons";
import type { Context } from "./window";

export function Menu(context: Context) {
  const { alerts, session, snapshot, texts } = context;
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const [, redraw] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const notifications = alerts.notifications;
  const going = snapshot.phase === "chat" && !snapshot.chat?.ended && !snapshot.expired;

  const shut = () => {
    setOpen(false);
    setAsking(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) return;
    list.current?.querySelector("button")?.focus();
    const root = list.current?.getRootNode() as ShadowRoot;
    const outside = (event: Event) => {
      const path = event.composedPath();
      if (list.current && button.current && !path.includes(list.current) && !path.includes(button.current)) {
        setOpen(false);
        setAsking(false);
      }
    };
    root.addEventListener("pointerdown", outside);
    return () => root.removeEventListener("pointerdown", outside);
  }, [open, asking]);

  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    shut();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons inside.
    <div class="menu" onKeyDown={keys}>
      <button
        ref={button}
        type="button"
        class="tool"
        aria-label={texts.menu}
        aria-expanded={open}
        onClick={() => (open ? shut() : setOpen(true))}
      >
        <Icon name="menu" />
      </button>
      <div class="menu-list" ref={list} hidden={!open}>
        {asking ? (
          <>
            <p>{texts.endConfirm}</p>
            <button
              type="button"
              class="danger"
              onClick={() => {
                shut();
                session.end().catch(() => {});
              }}
            >
              <Icon name="end" />
              {texts.end}
            </button>
            <button type="button" onClick={shut}>
              <Icon name="close" />
              {texts.cancel}
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              role="switch"
              aria-checked={alerts.sound}
              onClick={() => {
                alerts.sound = !alerts.sound;
                redraw((count) => count + 1);
              }}
            >
              <Icon name="sound" />
              {texts.sound}
              <span class="switch" />
            </button>
            {notifications === "impossible" ? null : (
              <button
                type="button"
                role="switch"
                aria-checked={notifications === "on"}
                disabled={notifications === "blocked"}
                onClick={() => {
                  void alerts
                    .setNotifications(notifications !== "on")
                    .then(() => redraw((count) => count + 1));
                }}
              >
                <Icon name="bell" />
                {notifications === "blocked" ? texts.notificationsBlocked : texts.notifications}
                <span class="switch" />
              </button>
            )}
            {snapshot.phase === "chat" ? (
              <button
                type="button"
                onClick={() => {
                  shut();
                  void download(context);
                }}
              >
                <Icon name="file" />
                {texts.transcript}
              </button>
            ) : null}
            {going ? (
              <button type="button" class="danger" onClick={() => setAsking(true)}>
                <Icon name="end" />
                {texts.end}
              </button>
            ) : null}
          </>
        )}
      </div>
    </div>
  );
}
