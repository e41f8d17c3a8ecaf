// Says truthfully how the connection is.

import { type Link, useDesk } from "../hub/desk";
import { Tip } from "../ui/button";
import { Unseen } from "../ui/marks";
import css from "./shell.module.css";

/** The word beside the dot, and the sentence behind it. */
export function linkWords(link: Link): [string, string] {
  switch (link.state) {
    case "live":
      return ["Live", "Connected: everything arrives as it happens."];
    case "fallback":
      return ["Live", "Connected over HTTP, because the network blocks WebSocket."];
    case "connecting":
      return ["Joining", "Connecting to the hub."];
    case "lost":
      return [
        "Offline",
        "The connection is lost and is being restored. What you write is kept and sent then.",
      ];
    case "ended":
      return ["Ended", link.reason];
  }
}

export function LiveIndicator() {
  const link = useDesk((state) => state.link);
  const [word, sentence] = linkWords(link);
  return (
    <>
      <Tip label={sentence}>
        <button
          type="button"
          className={css.live}
          data-state={link.state === "fallback" ? "live" : link.state}
          aria-label={`Connection: ${word}`}
        >
          <span className={css.liveDot} aria-hidden="true" />
          <span>{word}</span>
        </button>
      </Tip>
      <Unseen>
        <span role="status">{link.state === "live" || link.state === "fallback" ? "Connected" : ""}</span>
      </Unseen>
    </>
  );
}

/** A line over the page while the connection is lost. */
export function LinkBanner() {
  const link = useDesk((state) => state.link);
  if (link.state !== "lost" && link.state !== "ended") return null;
  return (
    <div className={css.banner} role="status">
      {linkWords(link)[1]}
    </div>
  );
}
