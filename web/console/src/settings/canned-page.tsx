// Canned messages: what agents get by `/`.

import { MessageSquareText, Plus } from "lucide-react";
import { useState } from "react";
import type { CannedPage as Answer, CannedMessage, CannedRequest, CannedScope } from "../hub/awaited";
import { leads, useDesk } from "../hub/desk";
import { usePages, useSettled } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { FormDialog } from "../ui/dialog";
import { AreaField, CheckField, SelectField, TextField } from "../ui/fields";
import { Pill } from "../ui/marks";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { SearchField } from "../ui/search-field";
import { LibraryNav } from "./nav";
import { useSaving } from "./saving";

const SCOPES = { tenant: t("Everybody"), team: t("A team"), person: t("Only me") } as const;

export function CannedPage() {
  const me = useDesk((state) => state.me);
  const [text, setText] = useState("");
  const [edited, setEdited] = useState<CannedMessage | "new" | null>(null);
  const q = useSettled(text.trim()) || undefined;
  const pages = usePages(q ?? "", (cursor) =>
    ask<Answer>("GET /api/canned-messages", { query: { q, cursor } }),
  );
  const columns: Column<CannedMessage>[] = [
    {
      key: "code",
      name: t("Code"),
      cell: (message) => (
        <button type="button" className={css.rowLink} onClick={() => setEdited(message)}>
          /{message.code}
        </button>
      ),
    },
    { key: "title", name: t("Title"), cell: ({ title }) => title },
    {
      key: "text",
      name: t("Text"),
      secondary: true,
      cell: (message) => <div className={`${css.clip} ${css.muted}`}>{message.text}</div>,
    },
    { key: "scope", name: t("For"), cell: ({ scope }) => <Pill>{scopeName(scope)}</Pill> },
    {
      key: "answers",
      name: t("Answers"),
      secondary: true,
      cell: ({ answers }) => (answers ? <Pill tone="ok">{t("Automatic")}</Pill> : null),
    },
  ];
  return (
    <Page
      title={t("Library")}
      flush
      nav={<LibraryNav />}
      actions={
        <Button look="primary" onClick={() => setEdited("new")}>
          <Plus size={16} aria-hidden="true" />
          {t("New canned message")}
        </Button>
      }
      bar={<SearchField label={t("Search canned messages")} value={text} onChange={setText} />}
    >
      <ListState
        pages={pages}
        what={t("Canned messages")}
        icon={MessageSquareText}
        empty={q ? t("None matches") : t("No canned messages yet")}
        hint={t("Agents write / and a few letters to put one into a reply.")}
      >
        <Table label={t("Canned messages")} columns={columns} rows={pages.items} rowKey={({ id }) => id} />
      </ListState>
      {edited ? (
        <Editor
          message={edited === "new" ? null : edited}
          mayShare={leads(me.role)}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            pages.reload();
          }}
        />
      ) : null}
    </Page>
  );
}

function scopeName(scope: CannedScope): string {
  return scope.kind === "team" ? scope.team : SCOPES[scope.kind];
}

interface EditorProps {
  message: CannedMessage | null;
  mayShare: boolean;
  onClose: () => void;
  onSaved: () => void;
}

function Editor({ message, mayShare, onClose, onSaved }: EditorProps) {
  const [code, setCode] = useState(message?.code ?? "");
  const [title, setTitle] = useState(message?.title ?? "");
  const [text, setText] = useState(message?.text ?? "");
  const [kind, setKind] = useState<CannedScope["kind"]>(
    message?.scope.kind ?? (mayShare ? "tenant" : "person"),
  );
  const [team, setTeam] = useState(message?.scope.kind === "team" ? message.scope.team : "");
  const [answers, setAnswers] = useState(message?.answers ?? false);
  const { busy, error, run } = useSaving<unknown>(onSaved);
  const save = () => {
    const scope: CannedScope = kind === "team" ? { kind, team: team.trim() } : { kind };
    const body: CannedRequest = { code: code.trim(), title: title.trim(), text, scope, answers };
    return run(
      () =>
        message
          ? ask<CannedMessage>("PUT /api/canned-messages/{id}", {
              path: { id: message.id },
              body,
              ifMatch: `"${message.version}"`,
            })
          : ask<CannedMessage>("POST /api/canned-messages", { body, idempotencyKey: crypto.randomUUID() }),
      t("Canned message saved"),
    );
  };
  const remove = (id: string) =>
    run(() => ask<void>("DELETE /api/canned-messages/{id}", { path: { id } }), t("Canned message deleted"));
  return (
    <FormDialog
      open
      onClose={onClose}
      title={message ? t("Canned message /{code}", { code: message.code }) : t("New canned message")}
      action={t("Save")}
      busy={busy}
      error={error}
      onSubmit={() => void save()}
    >
      <TextField
        label={t("Code")}
        hint={t("What is written after the slash: small letters, digits, - and _.")}
        required
        maxLength={32}
        pattern="[a-z0-9_\-]+"
        value={code}
        onChange={(event) => setCode(event.target.value)}
      />
      <TextField
        label={t("Title")}
        required
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <AreaField
        label={t("Text")}
        hint={t("Variables are filled in: {{customer.name}}, {{customer.first_name|there}}, {{agent.name}}.")}
        required
        rows={5}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <SelectField
        label={t("Who may use it")}
        value={kind}
        disabled={!mayShare}
        onChange={(event) => setKind(event.target.value as CannedScope["kind"])}
      >
        {Object.entries(SCOPES).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      {kind === "team" ? (
        <TextField
          label={t("Team")}
          required
          value={team}
          onChange={(event) => setTeam(event.target.value)}
        />
      ) : null}
      <CheckField
        label={t("Automatic replies may answer with it")}
        checked={answers}
        onChange={(event) => setAnswers(event.target.checked)}
      />
      {message ? (
        <div>
          <Button small look="danger" disabled={busy} onClick={() => void remove(message.id)}>
            {t("Delete")}
          </Button>
        </div>
      ) : null}
    </FormDialog>
  );
}
