// One's own picture, as customers and colleagues see it: chosen, cut to a square, taken away.

import { useRef, useState } from "react";
import { useDesk } from "../hub/desk";
import { isOffered } from "../hub/offers";
import { removePicture, setPicture, usePicture } from "../hub/pictures";
import { refusalOf } from "../hub/refusal";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { Avatar } from "../ui/marks";
import ui from "../ui/ui.module.css";
import css from "./shell.module.css";

/** Side of what is sent; the hub keeps less. */
const SIDE = 384;

export function OwnPicture() {
  const me = useDesk((state) => state.me);
  const picture = usePicture(me.id);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  if (!isOffered("PUT /api/me/picture")) return null;

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(refusalOf(cause).reason);
    }
    setBusy(false);
  };
  const choose = (file: File | undefined) => {
    if (file) void attempt(async () => setPicture(await square(file)));
  };
  return (
    <section className={css.part} aria-labelledby="own-picture">
      <h3 id="own-picture">{t("Your picture")}</h3>
      <div className={css.picture}>
        <Avatar id={me.id} name={me.name} size={64} staff />
        <div>
          <p className={ui.hint}>{t("Customers and colleagues see it beside your name.")}</p>
          <input
            ref={input}
            type="file"
            hidden
            accept="image/png,image/jpeg,image/webp"
            aria-label={t("Choose a picture")}
            onChange={(event) => {
              choose(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
          <Button small disabled={busy} onClick={() => input.current?.click()}>
            {t("Choose a picture")}
          </Button>
          {picture ? (
            <Button small look="quiet" disabled={busy} onClick={() => void attempt(removePicture)}>
              {t("Take it away")}
            </Button>
          ) : null}
        </div>
      </div>
      {error ? (
        <p role="alert" className={ui.error}>
          {error}
        </p>
      ) : null}
    </section>
  );
}

/** The middle of a picture, small enough to be sent. */
async function square(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error(t("This is no picture that can be read."));
  });
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(side, SIDE);
  canvas.height = canvas.width;
  const [x, y] = [(picture.width - side) / 2, (picture.height - side) / 2];
  const context = canvas.getContext("2d");
  if (context) {
    // What can be seen through lies on white.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  }
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  if (!blob) throw new Error(t("This is no picture that can be read."));
  return blob;
}
