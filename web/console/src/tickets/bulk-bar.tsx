// What can be done with the tickets that are chosen.

import { Tag } from "lucide-react";
import { useState } from "react";
import type { BulkTicketRequest, TicketStatus } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { changeTickets } from "../hub/tickets";
import type { Priority } from "../hub/types";
import { counted, t } from "../i18n";
import { Button } from "../ui/button";
import { FormDialog } from "../ui/dialog";
import { CompactSelect, TextField } from "../ui/fields";
import { Options } from "./tickets-page";
import { PRIORITIES, readLabels, STATUSES } from "./words";

export function BulkBar({ chosen, onDone }: { chosen: ReadonlySet<string>; onDone: () => void }) {
  const agents = useDesk((state) => state.agents);
  const [busy, setBusy] = useState(false);
  const [labelling, setLabelling] = useState(false);
  const [labels, setLabels] = useState("");
  const apply = async (change: Omit<BulkTicketRequest, "ids">) => {
    setBusy(true);
    await changeTickets({ ids: [...chosen], ...change });
    setBusy(false);
    onDone();
  };
  return (
    <>
      <strong role="status">{t("{n} chosen", { n: chosen.size })}</strong>
      <CompactSelect
        label={t("Set the status")}
        value=""
        disabled={busy}
        onChange={(event) => void apply({ status: event.target.value as TicketStatus })}
      >
        <option value="">{t("Status …")}</option>
        <Options of={STATUSES} />
      </CompactSelect>
      <CompactSelect
        label={t("Set the priority")}
        value=""
        disabled={busy}
        onChange={(event) => void apply({ priority: event.target.value as Priority })}
      >
        <option value="">{t("Priority …")}</option>
        <Options of={PRIORITIES} />
      </CompactSelect>
      <CompactSelect
        label={t("Assign")}
        value=""
        disabled={busy}
        onChange={(event) =>
          void apply({ assigned_agent: event.target.value === "none" ? null : event.target.value.slice(2) })
        }
      >
        <option value="">{t("Assign …")}</option>
        <option value="none">{t("Nobody")}</option>
        {Object.values(agents).map(({ id, name }) => (
          <option key={id} value={`a:${id}`}>
            {name}
          </option>
        ))}
      </CompactSelect>
      <Button small disabled={busy} onClick={() => setLabelling(true)}>
        <Tag size={14} aria-hidden="true" />
        {t("Label …")}
      </Button>
      <Button small look="quiet" onClick={onDone}>
        {t("Choose none")}
      </Button>
      <FormDialog
        open={labelling}
        onClose={() => setLabelling(false)}
        title={counted("labelTickets", chosen.size)}
        action={t("Add labels")}
        busy={busy}
        onSubmit={() => {
          setLabelling(false);
          void apply({ add_labels: readLabels(labels) });
        }}
      >
        <TextField
          label={t("Labels")}
          hint={t("Several are separated by commas.")}
          required
          value={labels}
          onChange={(event) => setLabels(event.target.value)}
        />
      </FormDialog>
    </>
  );
}
