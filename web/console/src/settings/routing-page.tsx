// How conversations find agents, and what becomes of silent ones.

import { useState } from "react";
import { reasonOf } from "../hub/actions";
import type { AssignmentPolicy, SettingsBody } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { useLoaded } from "../hub/loaded";
import { ask, call } from "../hub/offers";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { SelectField, TextField } from "../ui/fields";
import { Page } from "../ui/page";
import css from "../ui/page.module.css";
import { Failed, LoadingRows } from "../ui/states";
import { toast } from "../ui/toasts";
import ui from "../ui/ui.module.css";
import { SettingsNav } from "./nav";

const POLICIES: Record<AssignmentPolicy, string> = {
  manual: t("By hand: agents accept what they take"),
  round_robin: t("In turn: whose last one is longest ago"),
  least_busy: t("Least busy: the smallest share of their slots in use"),
  longest_idle: t("Longest idle: who has been without one for longest"),
};

type Time = Exclude<keyof SettingsBody, "policy">;

const TIMES: [Time, string, string][] = [
  ["vanish_grace_ms", t("Agent gone"), t("Seconds that an agent who vanished keeps their conversations.")],
  ["idle_warning_ms", t("Silence until a warning"), t("Seconds without a word until both are warned.")],
  ["idle_close_ms", t("Silence until the end"), t("Further seconds until the conversation is closed.")],
  ["abandon_ms", t("Customer gone"), t("Seconds that a customer who left keeps their place in the queue.")],
  [
    "estimate_window_ms",
    t("Estimate looks back"),
    t("Seconds of assignments that the estimated wait is based on."),
  ],
];

export function RoutingPage() {
  const loaded = useLoaded("settings", () => call<SettingsBody>("GET /api/admin/settings"));
  return (
    <Page title={t("Settings")} nav={<SettingsNav />}>
      {loaded.data ? (
        <Form
          key={loaded.data.etag}
          settings={loaded.data.body}
          etag={loaded.data.etag}
          onSaved={loaded.reload}
        />
      ) : loaded.failed ? (
        <Failed what={t("The settings could not be loaded")} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows label={t("Loading settings")} />
      )}
    </Page>
  );
}

interface FormProps {
  settings: SettingsBody;
  etag: string | null;
  onSaved: () => void;
}

function Form({ settings, etag, onSaved }: FormProps) {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const [wanted, setWanted] = useState(settings);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await ask<SettingsBody>("PUT /api/admin/settings", {
        body: wanted,
        ...(etag ? { ifMatch: etag } : {}),
      });
      toast(t("Settings saved"), { tone: "good" });
      onSaved();
    } catch (refused) {
      setError(reasonOf(refused));
    }
    setBusy(false);
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
        <SelectField
          label={t("Who gets the next conversation")}
          value={wanted.policy}
          onChange={(event) => setWanted({ ...wanted, policy: event.target.value as AssignmentPolicy })}
        >
          {Object.entries(POLICIES).map(([policy, name]) => (
            <option key={policy} value={policy}>
              {name}
            </option>
          ))}
        </SelectField>
        {TIMES.map(([name, label, hint]) => (
          <TextField
            key={name}
            label={label}
            hint={hint}
            type="number"
            min={0}
            required
            value={String(wanted[name] / 1000)}
            onChange={(event) =>
              setWanted({ ...wanted, [name]: Math.round(Number(event.target.value) * 1000) })
            }
          />
        ))}
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
