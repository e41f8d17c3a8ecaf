// The connection, as soon as there is something to say about it.
import { useEffect, useState } from "preact/hooks";
import type { Context } from "./window";

/** A connection that is back so soon was not missed. */
const GRACE_MS = 1200;
/** A chat takes a moment to begin. */
const START_GRACE_MS = 3000;

export function Banner({ session, snapshot, texts }: Context) {
  const { status } = snapshot.connection;
  const starting = snapshot.phase === "starting";
  const lost = snapshot.phase === "chat" && (status === "connecting" || status === "waiting");
  const troubled = lost || starting;
  const [late, setLate] = useState(false);
  const [offline, setOffline] = useState(!navigator.onLine);

  useEffect(() => {
    if (!troubled) return setLate(false);
    const timer = setTimeout(() => setLate(true), starting ? START_GRACE_MS : GRACE_MS);
    return () => clearTimeout(timer);
  }, [troubled, starting]);

  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);

  const words = offline ? texts.offline : starting ? texts.connecting : texts.reconnecting;
  const text = troubled && (offline || late) ? words : undefined;
  return (
    <div class="banner" role="status" data-state={text ? "trouble" : "fine"}>
      {text ? (
        <>
          <span>{text}</span>
          {status === "waiting" ? (
            <button type="button" class="link" onClick={() => session.client?.retryNow()}>
              {texts.retryNow}
            </button>
          ) : null}
        </>
      ) : null}
    </div>
  );
}
