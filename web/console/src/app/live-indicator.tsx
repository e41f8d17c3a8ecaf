// Says truthfully how the connection is.

import { type Link, useDesk } from "../hub/desk";
import { t } from "../i18n";
import { Tip } from "../ui/button";
import { Unseen } from "../ui/marks";
import css from "./shell.module.css";

/** The word beside the dot, and the sentence behind it. */
export function linkWords(link: Link): [string, string] {
  switch (link.state) {
    case "live":
      return [t("Live"), t("Connected: everything arrives as it happens.")];
    case "fallback":
      return [t("Live"), t("Connected over HTTP, because the network blocks WebSocket.")];
    case "connecting":
      return [t("Joining"), t("Connecting to the hub.")];
    case "lost":
      return [
        t("Offline"),
        t("The connection is lost and is being restored. What you write is kept and sent then."),
      ];
    case "ended":
      return [t("Ended"), link.reason];
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
          aria-label={t("Connection: {state}", { state: word })}
        >
          <span className={css.liveDot} aria-hidden="true" />
          <span>{word}</span>
        </button>
      </Tip>
      <Unseen>
        <span role="status">{link.state === "live" || link.state === "fallback" ? t("Connected") : ""}</span>
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
