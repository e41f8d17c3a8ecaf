// A page for one setting of the tenant: loaded with its version, edited by admins, saved unless somebody was faster.

import { type ReactNode, useState } from "react";
import { useDesk } from "../hub/desk";
import { useLoaded } from "../hub/loaded";
import { ask, call } from "../hub/offers";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { Page } from "../ui/page";
import css from "../ui/page.module.css";
import { Failed, LoadingRows } from "../ui/states";
import ui from "../ui/ui.module.css";
import { SettingsNav } from "./nav";
import { useSaving } from "./saving";

interface SettingProps<T> {
  /** Where it is read and replaced. */
  path: string;
  loading: string;
  failed: string;
  saved: string;
  /** The fields; `change` puts other values into what is to be saved. */
  fields: (wanted: T, change: (part: Partial<T>) => void) => ReactNode;
  /** What is sent, when that is not what is edited. */
  ready?: (wanted: T) => T;
}

export function SettingPage<T extends object>(props: SettingProps<T>) {
  const { path, loading, failed } = props;
  const loaded = useLoaded(path, () => call<T>(`GET ${path}`));
  return (
    <Page title={t("Settings")} nav={<SettingsNav />}>
      {loaded.data ? (
        <Form
          key={loaded.data.etag}
          {...props}
          known={loaded.data.body}
          etag={loaded.data.etag}
          onSaved={loaded.reload}
        />
      ) : loaded.failed ? (
        <Failed what={failed} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows label={loading} />
      )}
    </Page>
  );
}

interface FormProps<T> extends SettingProps<T> {
  known: T;
  etag: string | null;
  onSaved: () => void;
}

function Form<T extends object>({ path, saved, fields, ready, known, etag, onSaved }: FormProps<T>) {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const [wanted, setWanted] = useState(known);
  const { busy, error, run } = useSaving<unknown>(onSaved);
  const save = () => {
    const body = ready ? ready(wanted) : wanted;
    return run(() => ask<T>(`PUT ${path}`, { body, ...(etag ? { ifMatch: etag } : {}) }), saved);
  };
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset className={css.plainSet} disabled={!mayEdit}>
        {fields(wanted, (part) => setWanted((before) => ({ ...before, ...part })))}
      </fieldset>
      {error ? (
        <p role="alert" className={ui.error}>
          {error}
        </p>
      ) : null}
      {mayEdit ? (
        <div>
          <Button type="submit" look="primary" disabled={busy}>
            {t("Save")}
          </Button>
        </div>
      ) : (
        <p className={css.muted}>{t("Only admins change these.")}</p>
      )}
    </form>
  );
}
