// Which e-mail one wants while one is not there: kept by the hub, so it holds on every device.

import { useState } from "react";
import type { NotificationsBody } from "../hub/awaited";
import { useLoaded } from "../hub/loaded";
import { call, isOffered } from "../hub/offers";
import { refusalOf } from "../hub/refusal";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { SwitchField } from "../ui/fields";
import { LoadingRows } from "../ui/states";
import ui from "../ui/ui.module.css";
import css from "./shell.module.css";

const PATH = "/api/me/notifications";

export function EmailPreferences() {
  const [error, setError] = useState<string | null>(null);
  const loaded = useLoaded(PATH, () => call<NotificationsBody>(`GET ${PATH}`));
  if (!isOffered(`GET ${PATH}`)) return null;

  const save = async (body: NotificationsBody) => {
    const before = loaded.data;
    if (!before) return;
    setError(null);
    // At once, and back if it is refused.
    loaded.put({ ...before, body });
    try {
      loaded.put(await call<NotificationsBody>(`PUT ${PATH}`, { body, ifMatch: before.etag ?? undefined }));
    } catch (cause) {
      const { reason, isStale } = refusalOf(cause);
      setError(isStale ? t("You have changed this elsewhere; here is what is set now.") : reason);
      if (isStale) loaded.reload();
      else loaded.put(before);
    }
  };

  const wants = loaded.data?.body;
  return (
    <section className={css.part} aria-labelledby="email-preferences">
      <h3 id="email-preferences">{t("E-mail while you are not connected")}</h3>
      {wants ? (
        <>
          <SwitchField
            label={t("When a note names you")}
            checked={wants.mention_email ?? true}
            onChange={(on) => void save({ ...wants, mention_email: on })}
          />
          <SwitchField
            label={t("When you are given a conversation or ticket")}
            checked={wants.assignment_email ?? true}
            onChange={(on) => void save({ ...wants, assignment_email: on })}
          />
          <p className={ui.hint}>
            {t(
              "These hold on every device. An admin enters your address and switches e-mail on for the desk.",
            )}
          </p>
        </>
      ) : loaded.failed ? (
        <p role="alert" className={ui.error}>
          {loaded.failed}{" "}
          <Button small onClick={loaded.reload}>
            {t("Try again")}
          </Button>
        </p>
      ) : (
        <LoadingRows rows={2} label={t("Loading what e-mail you want")} />
      )}
      {error ? (
        <p role="alert" className={ui.error}>
          {error}
        </p>
      ) : null}
    </section>
  );
}
