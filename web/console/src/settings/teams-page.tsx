// Teams: their names and who belongs to them.

import { Plus, UsersRound } from "lucide-react";
import { useState } from "react";
import type { TeamView } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { useLoaded } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { FormDialog } from "../ui/dialog";
import { TextField } from "../ui/fields";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { Empty, Failed, LoadingRows } from "../ui/states";
import { SettingsNav } from "./nav";
import { useSaving } from "./saving";

export function TeamsPage() {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const agents = useDesk((state) => state.agents);
  const [edited, setEdited] = useState<TeamView | "new" | null>(null);
  const loaded = useLoaded("teams", () => ask<TeamView[]>("GET /api/admin/teams"));
  const columns: Column<TeamView>[] = [
    {
      key: "name",
      name: t("Team"),
      cell: (team) =>
        mayEdit ? (
          <button type="button" className={css.rowLink} onClick={() => setEdited(team)}>
            {team.name || team.id}
          </button>
        ) : (
          team.name || team.id
        ),
    },
    { key: "id", name: t("Id"), cell: ({ id }) => <code>{id}</code> },
    {
      key: "members",
      name: t("Members"),
      cell: ({ members }) => (
        <span className={css.muted}>
          {members.map((id) => agents[id]?.name ?? id).join(", ") || t("nobody")}
        </span>
      ),
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
            {t("New team")}
          </Button>
        ) : null
      }
    >
      {loaded.data ? (
        loaded.data.length === 0 ? (
          <Empty icon={UsersRound} title={t("No teams yet")}>
            {t("A conversation for a team goes only to agents who belong to it.")}
          </Empty>
        ) : (
          <Table label={t("Teams")} columns={columns} rows={loaded.data} rowKey={({ id }) => id} />
        )
      ) : loaded.failed ? (
        <Failed what={t("The teams could not be loaded")} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows label={t("Loading teams")} />
      )}
      {edited ? (
        <Editor
          team={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            loaded.reload();
          }}
        />
      ) : null}
    </Page>
  );
}

function Editor({
  team,
  onClose,
  onSaved,
}: {
  team: TeamView | null;
  onClose: () => void;
  onSaved: () => void;
}) {
  const [id, setId] = useState(team?.id ?? "");
  const [name, setName] = useState(team?.name ?? "");
  const { busy, error, run } = useSaving<unknown>(onSaved);
  const save = () =>
    run(
      () =>
        ask<TeamView>("PUT /api/admin/teams/{id}", {
          path: { id: id.trim() },
          body: { name: name.trim() },
          ...(team && team.version > 0 ? { ifMatch: `"${team.version}"` } : {}),
        }),
      t("Team saved"),
    );
  return (
    <FormDialog
      open
      onClose={onClose}
      title={team ? team.name || team.id : t("New team")}
      action={t("Save")}
      busy={busy}
      error={error}
      onSubmit={() => void save()}
    >
      <TextField
        label={t("Id")}
        hint={t("What conversations and agents name, such as billing.")}
        required
        disabled={team !== null}
        value={id}
        onChange={(event) => setId(event.target.value)}
      />
      <TextField label={t("Name")} required value={name} onChange={(event) => setName(event.target.value)} />
      {team && team.version > 0 ? (
        <div>
          <Button
            small
            look="danger"
            disabled={busy}
            onClick={() =>
              void run(
                () => ask<void>("DELETE /api/admin/teams/{id}", { path: { id: team.id } }),
                t("Team deleted"),
              )
            }
          >
            {t("Delete")}
          </Button>
        </div>
      ) : null}
    </FormDialog>
  );
}
