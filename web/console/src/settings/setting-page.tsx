// A page for one setting of the tenant: loaded with its version, edited by admins, saved unless somebody was faster.

import { HubError } from "@confab/client";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useDesk } from "../hub/desk";
import { useLoaded } from "../hub/loaded";
import { call } from "../hub/offers";
import type { Beginnings } from "../hub/refusal";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { FieldRefusal } from "../ui/fields";
import { Page } from "../ui/page";
import css from "../ui/page.module.css";
import { Empty, Failed, LoadingRows } from "../ui/states";
import ui from "../ui/ui.module.css";
import { SettingsNav } from "./nav";
import { useSaving } from "./saving";

interface SettingProps<T> {
  /** Where it is read and replaced. */
  path: string;
  title: string;
  about?: ReactNode;
  loading: string;
  failed: string;
  saved: string;
  /** The fields; `change` puts other values into what is to be saved. */
  fields: (wanted: T, change: (part: Partial<T>) => void) => ReactNode;
  /** What is sent, when that is not what is edited. */
  ready?: (wanted: T) => T;
  /** What has to be confirmed before it is saved, if anything has. */
  warning?: (wanted: T, known: T) => string | null;
  /** How the hub's refusals begin that don't begin with a field's name. */
  beginnings?: Beginnings;
  /** For a setting that need not be there. */
  optional?: Optional<T>;
  /** What comes after the form. */
  after?: ReactNode;
}

interface Optional<T> {
  icon: LucideIcon;
  /** Said while it isn't there. */
  none: string;
  hint: string;
  /** The button that begins it, and what it begins with. */
  begin: string;
  first: T;
  /** The button that takes it away, and what is said of that. */
  remove: string;
  question: string;
  removed: string;
}

export function SettingPage<T extends object>(props: SettingProps<T>) {
  const { path, title, about, loading, failed, optional, after } = props;
  const loaded = useLoaded(path, () => read<T>(path, optional !== undefined));
  return (
    <Page title={t("Settings")} nav={<SettingsNav />}>
      <div className={css.intro}>
        <h2>{title}</h2>
        {about ? <p>{about}</p> : null}
      </div>
      {loaded.data ? (
        <Form key={loaded.data.etag} {...props} {...loaded.data} onReload={loaded.reload} />
      ) : loaded.failed ? (
        <Failed what={failed} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows label={loading} />
      )}
      {after}
    </Page>
  );
}

interface Known<T> {
  body: T | null;
  etag: string | null;
}

/** What is set, with its version; nothing when it isn't there and need not be. */
async function read<T>(path: string, isOptional: boolean): Promise<Known<T>> {
  try {
    return await call<T>(`GET ${path}`);
  } catch (error) {
    if (isOptional && error instanceof HubError && error.code === "not_found") {
      return { body: null, etag: null };
    }
    throw error;
  }
}

type FormProps<T> = SettingProps<T> & Known<T> & { onReload: () => void };

function Form<T extends object>(props: FormProps<T>) {
  const { path, saved, fields, ready, warning, beginnings, optional, onReload } = props;
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const [known, setKnown] = useState<Known<T>>(props);
  const [wanted, setWanted] = useState(props.body);
  const [asked, setAsked] = useState<{ text: string; run: () => void } | null>(null);
  const [isAtField, setIsAtField] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { busy, refusal, run } = useSaving<Known<T>>((now) => {
    setKnown(now);
    setWanted(now.body);
  }, beginnings);
  const version = known.etag ? { ifMatch: known.etag } : {};

  if (!wanted) return <Absent {...props} onBegin={() => setWanted(optional?.first ?? null)} />;

  const save = async () => {
    const body = ready ? ready(wanted) : wanted;
    const refused = await run(() => call<T>(`PUT ${path}`, { body, ...version }), saved);
    const place = refused?.field ? form.current?.elements.namedItem(refused.field) : null;
    setIsAtField(place != null);
    if (place instanceof HTMLElement) place.focus();
  };
  const remove = () =>
    run(async () => {
      await call<void>(`DELETE ${path}`, version);
      return { body: null, etag: null };
    }, optional?.removed ?? "");
  const submit = () => {
    const text = known.body ? warning?.(wanted, known.body) : null;
    if (text) setAsked({ text, run: () => void save() });
    else void save();
  };
  return (
    <form
      ref={form}
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <FieldRefusal value={refusal}>
        <fieldset className={css.plainSet} disabled={!mayEdit}>
          {fields(wanted, (part) => setWanted((before) => (before ? { ...before, ...part } : before)))}
        </fieldset>
      </FieldRefusal>
      {refusal && !isAtField ? (
        <p role="alert" className={ui.error}>
          {refusal.isStale
            ? t("Somebody else has changed this since you opened it. Nothing was overwritten.")
            : refusal.reason}
        </p>
      ) : null}
      {mayEdit ? (
        <div className={css.formFoot}>
          <Button type="submit" look="primary" disabled={busy}>
            {t("Save")}
          </Button>
          {refusal?.isStale ? <Button onClick={onReload}>{t("Load what is set now")}</Button> : null}
          {optional && !known.body ? <Button onClick={() => setWanted(null)}>{t("Cancel")}</Button> : null}
          {optional && known.body ? (
            <Button
              look="quiet"
              disabled={busy}
              onClick={() => setAsked({ text: optional.question, run: () => void remove() })}
            >
              {optional.remove}
            </Button>
          ) : null}
        </div>
      ) : (
        <p className={css.muted}>{t("Only admins change these.")}</p>
      )}
      {asked ? (
        <Confirm
          title={props.title}
          text={asked.text}
          action={asked.text === optional?.question ? optional.remove : t("Save")}
          onClose={() => setAsked(null)}
          onConfirm={asked.run}
        />
      ) : null}
    </form>
  );
}

function Absent<T>({ optional, onBegin }: FormProps<T> & { onBegin: () => void }) {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  if (!optional) return null;
  return (
    <Empty icon={optional.icon} title={optional.none}>
      <p>{optional.hint}</p>
      {mayEdit ? (
        <Button look="primary" onClick={onBegin}>
          {optional.begin}
        </Button>
      ) : (
        <p>{t("Only admins change these.")}</p>
      )}
    </Empty>
  );
}
