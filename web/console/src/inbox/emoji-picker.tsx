// The emoji picker of the composer.

import * as Ariakit from "@ariakit/react";
import { Smile } from "lucide-react";
import { useState } from "react";
import { t } from "../i18n";
import { EMOJI, findEmoji } from "../model/emoji";
import { buttonClass } from "../ui/button";
import ui from "../ui/ui.module.css";
import css from "./composer.module.css";

export function EmojiPicker({ onPick }: { onPick: (sign: string) => void }) {
  const [query, setQuery] = useState("");
  const popover = Ariakit.usePopoverStore({ placement: "top-start" });
  const found = query ? findEmoji(query) : EMOJI;
  return (
    <>
      <Ariakit.PopoverDisclosure
        store={popover}
        className={buttonClass("quiet", true, true)}
        aria-label={t("Emoji")}
      >
        <Smile size={17} aria-hidden="true" />
      </Ariakit.PopoverDisclosure>
      <Ariakit.Popover
        store={popover}
        portal
        unmountOnHide
        gutter={8}
        className={css.emoji}
        aria-label={t("Emoji")}
        onClose={() => setQuery("")}
      >
        <input
          type="search"
          className={`${ui.input} ${ui.compact}`}
          aria-label={t("Search emoji")}
          placeholder={t("Search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <div className={css.emojiGrid}>
          {found.map(({ sign, words }) => (
            <button
              key={sign}
              type="button"
              aria-label={words}
              title={words}
              onClick={() => {
                onPick(sign);
                popover.hide();
              }}
            >
              {sign}
            </button>
          ))}
        </div>
        {found.length === 0 ? <p className={ui.hint}>{t("None is called so.")}</p> : null}
      </Ariakit.Popover>
    </>
  );
}
