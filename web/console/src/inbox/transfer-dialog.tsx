// Hands a conversation to a colleague or a team, with a word for them that the customer doesn't see.

import { useMemo, useState } from "react";
import { transfer } from "../hub/actions";
import { useDesk } from "../hub/desk";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { FormDialog } from "../ui/dialog";
import { AreaField, SelectField } from "../ui/fields";
import { worded } from "../ui/marks";

interface TransferProps {
  conversation: Conversation | undefined;
  open: boolean;
  onClose: () => void;
}

export function TransferDialog({ conversation, open, onClose }: TransferProps) {
  const agents = useDesk((state) => state.agents);
  const [to, setTo] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const choices = useMemo(() => {
    const known = Object.values(agents).filter(({ id }) => id !== conversation?.agent?.id);
    return known.sort((a, b) => Number(free(b)) - Number(free(a)) || a.name.localeCompare(b.name));
  }, [agents, conversation]);
  const teams = useMemo(
    () => [...new Set(Object.values(agents).flatMap((agent) => agent.teams))].sort(),
    [agents],
  );
  const submit = async () => {
    if (!conversation) return;
    const [kind, name = ""] = to.split(/:(.*)/s);
    if (!name) return setError(t("Choose who takes over."));
    setBusy(true);
    setError(null);
    const target = kind === "team" ? { team: name } : { agent: name };
    const refused = await transfer(conversation.id, { ...target, note: note.trim() || undefined });
    setBusy(false);
    if (refused) return setError(refused);
    setTo("");
    setNote("");
    onClose();
  };
  return (
    <FormDialog
      open={open && conversation !== undefined}
      onClose={onClose}
      title={t("Transfer the conversation with {name}", { name: conversation?.customer.name ?? "" })}
      action={t("Transfer")}
      busy={busy}
      error={error}
      onSubmit={() => void submit()}
    >
      <SelectField
        label={t("To")}
        value={to}
        onChange={(event) => setTo(event.target.value)}
        autoFocus
        required
      >
        <option value="">{t("Choose a colleague or a team")}</option>
        <optgroup label={t("Colleagues")}>
          {choices.map((agent) => (
            <option key={agent.id} value={`agent:${agent.id}`}>
              {t("{name} – {state}, {n} of {all}", {
                name: agent.name,
                state: agent.connected ? worded(agent.availability) : t("not connected"),
                n: agent.active,
                all: agent.capacity,
              })}
            </option>
          ))}
        </optgroup>
        {teams.length > 0 ? (
          <optgroup label={t("Queue of a team")}>
            {teams.map((team) => (
              <option key={team} value={`team:${team}`}>
                {team}
              </option>
            ))}
          </optgroup>
        ) : null}
      </SelectField>
      <AreaField
        label={t("Private note")}
        hint={t("For whoever takes over. The customer never sees it.")}
        value={note}
        maxLength={2000}
        onChange={(event) => setNote(event.target.value)}
      />
    </FormDialog>
  );
}

function free(agent: {
  connected: boolean;
  availability: string;
  active: number;
  capacity: number;
}): boolean {
  return agent.connected && agent.availability === "online" && agent.active < agent.capacity;
}
