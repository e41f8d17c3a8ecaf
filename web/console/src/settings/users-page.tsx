// People who can log in: who they are, what they take, whether they may.

import { Plus, UsersRound } from "lucide-react";
import { useState } from "react";
import type { AccountEdit, AccountPage, AccountView, NewAccount } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { usePages } from "../hub/loaded";
import { ask } from "../hub/offers";
import type { Role } from "../hub/types";
import { t } from "../i18n";
import { readLabels } from "../tickets/words";
import { Button } from "../ui/button";
import { FormDialog } from "../ui/dialog";
import { CheckField, SelectField, TextField } from "../ui/fields";
import { Avatar, Pill, worded } from "../ui/marks";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { SettingsNav } from "./nav";
import { useSaving } from "./saving";

const ROLES: readonly Role[] = ["agent", "supervisor", "admin", "customer"];

export function UsersPage() {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const [edited, setEdited] = useState<AccountView | "new" | null>(null);
  const pages = usePages("users", (cursor) =>
    ask<AccountPage>("GET /api/admin/users", { query: { cursor } }),
  );
  const columns: Column<AccountView>[] = [
    {
      key: "name",
      name: t("Name"),
      cell: (account) => (
        <span className={css.person}>
          <Avatar id={account.id} name={account.name} size={26} staff={account.role !== "customer"} />
          {mayEdit ? (
            <button type="button" className={css.rowLink} onClick={() => setEdited(account)}>
              {account.name}
            </button>
          ) : (
            account.name
          )}
        </span>
      ),
    },
    {
      key: "login",
      name: t("Login"),
      secondary: true,
      cell: ({ login }) => <span className={css.muted}>{login}</span>,
    },
    { key: "role", name: t("Role"), cell: ({ role }) => worded(role) },
    {
      key: "teams",
      name: t("Teams and skills"),
      secondary: true,
      cell: ({ teams, skills }) => (
        <span className={css.muted}>{[...(teams ?? []), ...(skills ?? [])].join(", ")}</span>
      ),
    },
    {
      key: "capacity",
      name: t("At once"),
      number: true,
      secondary: true,
      cell: ({ capacity }) => capacity ?? "–",
    },
    {
      key: "state",
      name: t("State"),
      cell: ({ disabled }) =>
        disabled ? <Pill tone="danger">{t("Disabled")}</Pill> : <Pill tone="ok">{t("Active")}</Pill>,
    },
  ];
  return (
    <Page
      title={t("Settings")}
      flush
      nav={<SettingsNav />}
      actions={
        mayEdit ? (
          <Button look="primary" onClick={() => setEdited("new")}>
            <Plus size={16} aria-hidden="true" />
            {t("New person")}
          </Button>
        ) : null
      }
    >
      <ListState pages={pages} what={t("People")} icon={UsersRound} empty={t("There is nobody yet")}>
        <Table label={t("People")} columns={columns} rows={pages.items} rowKey={({ id }) => id} />
      </ListState>
      {edited ? (
        <Editor
          account={edited === "new" ? null : edited}
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

interface EditorProps {
  account: AccountView | null;
  onClose: () => void;
  onSaved: () => void;
}

function Editor({ account, onClose, onSaved }: EditorProps) {
  const [name, setName] = useState(account?.name ?? "");
  const [login, setLogin] = useState(account?.login ?? "");
  const [email, setEmail] = useState(account?.email ?? "");
  const [role, setRole] = useState<Role>(account?.role ?? "agent");
  const [capacity, setCapacity] = useState(String(account?.capacity ?? 5));
  const [skills, setSkills] = useState((account?.skills ?? []).join(", "));
  const [teams, setTeams] = useState((account?.teams ?? []).join(", "));
  const [password, setPassword] = useState("");
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const { busy, error, run } = useSaving<unknown>(onSaved);
  const staff = role !== "customer";
  const write = () => {
    const desk = staff
      ? { capacity: Number(capacity), skills: readLabels(skills), teams: readLabels(teams) }
      : {};
    if (account) {
      return edit(account, { name: name.trim(), role, email: email.trim(), disabled, ...desk }, password);
    }
    const body: NewAccount = {
      login: login.trim(),
      name: name.trim(),
      role,
      password: password || undefined,
      email: email.trim() || undefined,
      ...desk,
    };
    return ask<AccountView>("POST /api/admin/users", { body, idempotencyKey: crypto.randomUUID() });
  };
  const save = () => run(write, t("Saved"));
  return (
    <FormDialog
      open
      onClose={onClose}
      title={account ? account.name : t("New person")}
      action={t("Save")}
      busy={busy}
      error={error}
      onSubmit={() => void save()}
    >
      <TextField label={t("Name")} required value={name} onChange={(event) => setName(event.target.value)} />
      <div className={css.formRow}>
        <TextField
          label={t("Login")}
          required
          disabled={account !== null}
          autoCapitalize="none"
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
        <TextField
          label={t("E-mail")}
          type="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </div>
      <div className={css.formRow}>
        <SelectField label={t("Role")} value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.map((each) => (
            <option key={each} value={each}>
              {worded(each)}
            </option>
          ))}
        </SelectField>
        {staff ? (
          <TextField
            label={t("Conversations at once")}
            type="number"
            min={0}
            max={1000}
            required
            value={capacity}
            onChange={(event) => setCapacity(event.target.value)}
          />
        ) : null}
      </div>
      {staff ? (
        <div className={css.formRow}>
          <TextField
            label={t("Teams")}
            hint={t("Separated by commas.")}
            value={teams}
            onChange={(event) => setTeams(event.target.value)}
          />
          <TextField
            label={t("Skills")}
            hint={t("Topics they answer; empty means all.")}
            value={skills}
            onChange={(event) => setSkills(event.target.value)}
          />
        </div>
      ) : null}
      <TextField
        label={account ? t("New password") : t("Password")}
        hint={account ? t("Leave it empty to keep the one there is.") : t("At least 8 characters.")}
        type="password"
        minLength={8}
        autoComplete="new-password"
        required={account === null}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {account ? (
        <CheckField
          label={t("Disabled: may not log in, and their conversations go back to the queue")}
          checked={disabled}
          onChange={(event) => setDisabled(event.target.checked)}
        />
      ) : null}
    </FormDialog>
  );
}

async function edit(account: AccountView, body: AccountEdit, password: string): Promise<void> {
  const path = { id: account.id };
  await ask<AccountView>("PUT /api/admin/users/{id}", { path, body, ifMatch: `"${account.version}"` });
  if (password) await ask<void>("PUT /api/admin/users/{id}/password", { path, body: { password } });
}
