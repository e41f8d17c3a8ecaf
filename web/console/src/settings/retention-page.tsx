// How long what was said and attached is kept, and what one customer may ask for: a copy of everything, or its end.

import type { RetentionBody } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { t } from "../i18n";
import { TextField } from "../ui/fields";
import css from "../ui/page.module.css";
import { CustomerData } from "./customer-data";
import { SettingPage } from "./setting-page";

const MAX_DAYS = 3650;

export function RetentionPage() {
  const isAdmin = useDesk((state) => state.me.role === "admin");
  return (
    <SettingPage<RetentionBody>
      path="/api/admin/retention"
      title={t("Data and privacy")}
      about={t("What is older is deleted within a quarter of an hour, and can't be had back.")}
      loading={t("Loading the retention")}
      failed={t("The retention could not be loaded")}
      saved={t("Retention saved")}
      beginnings={{ "days ": "message_days" }}
      warning={(wanted, known) =>
        isShorter(wanted.message_days, known.message_days) ||
        isShorter(wanted.attachment_days, known.attachment_days)
          ? t("What is older than that is deleted soon after you save, and can't be had back.")
          : null
      }
      fields={(wanted, change) => (
        <div className={css.formRow}>
          <Days
            label={t("Days that messages are kept")}
            hint={t("After the end of their conversation. Empty: for ever.")}
            name="message_days"
            days={wanted.message_days}
            onDays={(message_days) => change({ message_days })}
          />
          <Days
            label={t("Days that files are kept")}
            hint={t("After they were attached. Empty: for ever.")}
            name="attachment_days"
            days={wanted.attachment_days}
            onDays={(attachment_days) => change({ attachment_days })}
          />
        </div>
      )}
      after={isAdmin ? <CustomerData /> : null}
    />
  );
}

/** Whether something is kept for less long than before; nothing said is for ever. */
export function isShorter(wanted: number | null | undefined, known: number | null | undefined): boolean {
  return (wanted ?? Number.POSITIVE_INFINITY) < (known ?? Number.POSITIVE_INFINITY);
}

interface DaysProps {
  label: string;
  hint: string;
  name: string;
  days: number | null | undefined;
  onDays: (days: number | null) => void;
}

function Days({ label, hint, name, days, onDays }: DaysProps) {
  return (
    <TextField
      label={label}
      hint={hint}
      name={name}
      type="number"
      min={1}
      max={MAX_DAYS}
      placeholder={t("For ever")}
      value={days ?? ""}
      onChange={(event) => onDays(event.target.value === "" ? null : Number(event.target.value))}
    />
  );
}
