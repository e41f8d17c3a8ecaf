// Makes a conversation more urgent and asks those who lead for help.

import { useState } from "react";
import { escalate } from "../hub/actions";
import { useDesk } from "../hub/desk";
import type { Conversation, Priority } from "../hub/types";
import { t } from "../i18n";
import { FormDialog } from "../ui/dialog";
import { AreaField, SelectField } from "../ui/fields";
import { worded } from "../ui/marks";

const ORDER: readonly Priority[] = ["LOW", "MEDIUM", "HIGH", "URGENT"];

interface EscalateProps {
  conversation: Conversation;
  onClose: () => void;
}

export function EscalateDialog({ conversation, onClose }: EscalateProps) {
  const agents = useDesk((state) => state.agents);
  const [priority, setPriority] = useState<Priority | "">("");
  const [team, setTeam] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const teams = [...new Set(Object.values(agents).flatMap((agent) => agent.teams))].sort();
  const higher = ORDER.slice(ORDER.indexOf(conversation.priority));
  const submit = async () => {
    setBusy(true);
    const refused = await escalate(conversation.id, {
      priority: priority || undefined,
      team: team || undefined,
      note: note.trim() || undefined,
    });
    setBusy(false);
    if (refused) setError(refused);
    else onClose();
  };
  return (
    <FormDialog
      open
      onClose={onClose}
      title={t("Escalate the conversation with {name}", { name: conversation.customer.name })}
      action={t("Escalate")}
      busy={busy}
      error={error}
      onSubmit={() => void submit()}
    >
      <SelectField
        label={t("Priority")}
        value={priority}
        onChange={(event) => setPriority(event.target.value as Priority | "")}
      >
        <option value="">{t("One step up")}</option>
        {higher.map((each) => (
          <option key={each} value={each}>
            {worded(each)}
          </option>
        ))}
      </SelectField>
      {teams.length > 0 ? (
        <SelectField label={t("Team")} value={team} onChange={(event) => setTeam(event.target.value)}>
          <option value="">{t("As it is")}</option>
          {teams.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </SelectField>
      ) : null}
      <AreaField
        label={t("Why")}
        hint={t("A private note. Supervisors are told at once; the customer never sees it.")}
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </FormDialog>
  );
}
