// Webhooks: who is told of events, and what became of each.

import { Plus, Webhook } from "lucide-react";
import { useState } from "react";
import { reasonOf } from "../hub/actions";
import type { DeliveryPage, DeliveryView, EventKind, WebhookView } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { useLoaded, usePages } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { exactTime } from "../model/time";
import { Button } from "../ui/button";
import { Dialog, FormDialog } from "../ui/dialog";
import { CheckField, TextField } from "../ui/fields";
import { Pill, worded } from "../ui/marks";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { Empty, Failed, LoadingRows } from "../ui/states";
import { toast } from "../ui/toasts";
import { SettingsNav } from "./nav";
import { useSaving } from "./saving";

const EVENTS: readonly EventKind[] = [
  "CONVERSATION_STARTED",
  "CONVERSATION_QUEUED",
  "CONVERSATION_ACCEPTED",
  "CONVERSATION_TRANSFERRED",
  "AGENT_LOST",
  "IDLE_WARNING",
  "CONVERSATION_CLOSED",
  "CONVERSATION_REOPENED",
  "MESSAGE_RECEIVED",
];

export function WebhooksPage() {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const [edited, setEdited] = useState<WebhookView | "new" | null>(null);
  const [log, setLog] = useState<WebhookView | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const loaded = useLoaded("webhooks", () => ask<WebhookView[]>("GET /api/admin/webhooks"));
  const columns: Column<WebhookView>[] = [
    {
      key: "url",
      name: t("Address"),
      cell: (webhook) => (
        <div className={css.clip}>
          {mayEdit ? (
            <button type="button" className={css.rowLink} onClick={() => setEdited(webhook)}>
              {webhook.url}
            </button>
          ) : (
            webhook.url
          )}
          <div className={css.muted}>{webhook.description}</div>
        </div>
      ),
    },
    {
      key: "events",
      name: t("Events"),
      secondary: true,
      cell: ({ events }) =>
        events.length === 0 ? t("All") : t("{n} of {all}", { n: events.length, all: EVENTS.length }),
    },
    { key: "state", name: t("State"), cell: (webhook) => <State webhook={webhook} /> },
    {
      key: "log",
      name: <span className={css.muted}>{t("Deliveries")}</span>,
      cell: (webhook) => (
        <Button
          small
          aria-label={t("Show deliveries to {url}", { url: webhook.url })}
          onClick={() => setLog(webhook)}
        >
          {t("Show")}
        </Button>
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
            {t("New webhook")}
          </Button>
        ) : null
      }
    >
      {loaded.data ? (
        loaded.data.length === 0 ? (
          <Empty icon={Webhook} title={t("No webhooks yet")}>
            {t("A webhook tells another system of every event, signed, and again until it is taken.")}
          </Empty>
        ) : (
          <Table label={t("Webhooks")} columns={columns} rows={loaded.data} rowKey={({ id }) => id} />
        )
      ) : loaded.failed ? (
        <Failed what={t("The webhooks could not be loaded")} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows label={t("Loading webhooks")} />
      )}
      {edited ? (
        <Editor
          webhook={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={(saved) => {
            setEdited(null);
            setSecret(saved?.secret ?? null);
            loaded.reload();
          }}
        />
      ) : null}
      {log ? <Deliveries webhook={log} mayTest={mayEdit} onClose={() => setLog(null)} /> : null}
      <Dialog open={secret !== null} onClose={() => setSecret(null)} title={t("The signing secret")}>
        <p>{t("Copy it now: it is shown only this once.")}</p>
        <p>
          <code className={css.code}>{secret}</code>
        </p>
      </Dialog>
    </Page>
  );
}

function State({ webhook }: { webhook: WebhookView }) {
  if (!webhook.enabled) {
    return (
      <Pill tone="danger" title={webhook.disabled_reason ?? undefined}>
        {t("Off")}
      </Pill>
    );
  }
  if (webhook.failing_since)
    return <Pill tone="warn">{t("Failing since {time}", { time: exactTime(webhook.failing_since) })}</Pill>;
  return <Pill tone="ok">{t("On")}</Pill>;
}

interface EditorProps {
  webhook: WebhookView | null;
  onClose: () => void;
  onSaved: (webhook: WebhookView | null) => void;
}

function Editor({ webhook, onClose, onSaved }: EditorProps) {
  const [url, setUrl] = useState(webhook?.url ?? "https://");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<ReadonlySet<EventKind>>(new Set(webhook?.events ?? []));
  const [enabled, setEnabled] = useState(webhook?.enabled ?? true);
  const [newSecret, setNewSecret] = useState(false);
  const { busy, error, run } = useSaving<WebhookView | null>(onSaved);
  const save = () => {
    const common = { url: url.trim(), description: description.trim(), events: [...events] };
    return run(
      () =>
        webhook
          ? ask<WebhookView>("PUT /api/admin/webhooks/{id}", {
              path: { id: webhook.id },
              body: { ...common, enabled, new_secret: newSecret },
              ifMatch: `"${webhook.version}"`,
            })
          : ask<WebhookView>("POST /api/admin/webhooks", {
              body: common,
              idempotencyKey: crypto.randomUUID(),
            }),
      t("Webhook saved"),
    );
  };
  const remove = (id: string) =>
    run(async () => {
      await ask<void>("DELETE /api/admin/webhooks/{id}", { path: { id } });
      return null;
    }, t("Webhook deleted"));
  return (
    <FormDialog
      open
      onClose={onClose}
      title={webhook ? t("Webhook") : t("New webhook")}
      action={t("Save")}
      busy={busy}
      error={error}
      onSubmit={() => void save()}
    >
      <TextField
        label={t("Address")}
        type="url"
        required
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <TextField
        label={t("What it is for")}
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
      <fieldset className={css.plainSet}>
        <legend className={css.muted}>{t("Events; none chosen means all")}</legend>
        {EVENTS.map((kind) => (
          <CheckField
            key={kind}
            label={worded(kind)}
            checked={events.has(kind)}
            onChange={() => {
              const next = new Set(events);
              if (!next.delete(kind)) next.add(kind);
              setEvents(next);
            }}
          />
        ))}
      </fieldset>
      {webhook ? (
        <>
          <CheckField
            label={t("On: events are sent")}
            checked={enabled}
            onChange={(event) => setEnabled(event.target.checked)}
          />
          <CheckField
            label={t("Make a new signing secret")}
            checked={newSecret}
            onChange={(event) => setNewSecret(event.target.checked)}
          />
          <div>
            <Button small look="danger" disabled={busy} onClick={() => void remove(webhook.id)}>
              {t("Delete")}
            </Button>
          </div>
        </>
      ) : null}
    </FormDialog>
  );
}

const TONES = { pending: "warn", delivered: "ok", failed: "danger" } as const;

interface DeliveriesProps {
  webhook: WebhookView;
  mayTest: boolean;
  onClose: () => void;
}

function Deliveries({ webhook, mayTest, onClose }: DeliveriesProps) {
  const path = { id: webhook.id };
  const pages = usePages(webhook.id, (cursor) =>
    ask<DeliveryPage>("GET /api/admin/webhooks/{id}/deliveries", { path, query: { cursor } }),
  );
  const columns: Column<DeliveryView>[] = [
    { key: "at", name: t("When"), cell: ({ at }) => <span className={css.nowrap}>{exactTime(at)}</span> },
    { key: "kind", name: t("Event"), cell: ({ type }) => worded(type) },
    {
      key: "status",
      name: t("State"),
      cell: ({ status }) => <Pill tone={TONES[status]}>{worded(status)}</Pill>,
    },
    { key: "attempts", name: t("Tries"), number: true, cell: ({ attempts }) => attempts },
    {
      key: "answer",
      name: t("Answer"),
      secondary: true,
      cell: ({ last_status, last_error }) => (
        <span className={css.muted}>{[last_status, last_error].filter(Boolean).join(" ")}</span>
      ),
    },
  ];
  const test = async () => {
    try {
      await ask<void>("POST /api/admin/webhooks/{id}/test", { path });
      toast(t("A test event is on its way"), { tone: "good" });
      setTimeout(pages.reload, 1500);
    } catch (error) {
      toast(t("No test was sent"), { text: reasonOf(error), tone: "bad" });
    }
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t("Deliveries to {url}", { url: webhook.url })}
      footer={
        <>
          <Button onClick={pages.reload}>{t("Refresh")}</Button>
          {mayTest ? (
            <Button look="primary" onClick={() => void test()}>
              {t("Send a test")}
            </Button>
          ) : null}
        </>
      }
    >
      <ListState pages={pages} what={t("Deliveries")} icon={Webhook} empty={t("Nothing was sent yet")}>
        <Table
          label={t("Deliveries")}
          columns={columns}
          rows={pages.items}
          rowKey={({ event_id }) => event_id}
        />
      </ListState>
    </Dialog>
  );
}
