// How conversations find agents, and what becomes of silent ones.

import type { AssignmentPolicy, SettingsBody } from "../hub/awaited";
import { t } from "../i18n";
import { SelectField, TextField } from "../ui/fields";
import { SettingPage } from "./setting-page";

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
  return (
    <SettingPage<SettingsBody>
      path="/api/admin/settings"
      title={t("Routing")}
      about={t("How conversations find agents, and what becomes of silent ones.")}
      loading={t("Loading settings")}
      failed={t("The settings could not be loaded")}
      saved={t("Settings saved")}
      fields={(wanted, change) => (
        <>
          <SelectField
            label={t("Who gets the next conversation")}
            name="policy"
            value={wanted.policy}
            onChange={(event) => change({ policy: event.target.value as AssignmentPolicy })}
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
              name={name}
              label={label}
              hint={hint}
              type="number"
              min={0}
              required
              value={String(wanted[name] / 1000)}
              onChange={(event) => change({ [name]: Math.round(Number(event.target.value) * 1000) })}
            />
          ))}
        </>
      )}
    />
  );
}
