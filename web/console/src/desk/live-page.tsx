// The desk as it is now: who waits, who answers, and how full they are.

import { Coffee, UsersRound } from "lucide-react";
import { useNow } from "../app/clock";
import { go, inboxPath } from "../app/routes";
import { AVAILABILITIES } from "../app/self-menu";
import { accept, setAgentAvailability } from "../hub/actions";
import { leads, useDesk } from "../hub/desk";
import type { Agent, Availability, QueueEntry } from "../hub/types";
import { t } from "../i18n";
import { duration } from "../model/time";
import { Button } from "../ui/button";
import { CompactSelect } from "../ui/fields";
import { Avatar, Dot, Pill, PriorityPill, worded } from "../ui/marks";
import { type Column, Figures, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { Empty, LoadingRows } from "../ui/states";

export function LivePage() {
  const queue = useDesk((state) => state.queue);
  const agents = useDesk((state) => state.agents);
  const now = useNow();
  const people = Object.values(agents).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const taking = people.filter((agent) => agent.connected && agent.availability === "online");
  const free = taking.reduce((sum, agent) => sum + Math.max(0, agent.capacity - agent.active), 0);
  const longest = queue?.entries.reduce((most, entry) => Math.max(most, now - entry.queued_at), 0) ?? 0;
  return (
    <Page title={t("Queue and agents")} about={t("As it is now; it changes by itself.")}>
      <Figures
        figures={[
          { name: t("Waiting"), value: queue?.length ?? "–" },
          { name: t("Longest wait"), value: queue && queue.length > 0 ? duration(longest) : "–" },
          { name: t("Running"), value: people.reduce((sum, agent) => sum + agent.active, 0) },
          {
            name: t("Agents taking conversations"),
            value: taking.length,
            hint: t("of {all}", { all: people.length }),
          },
          { name: t("Free slots"), value: free },
        ]}
      />
      <div className={css.two}>
        <section className={css.block} aria-labelledby="waiting-title">
          <h2 id="waiting-title">{t("Waiting")}</h2>
          <Waiting entries={queue?.entries ?? null} length={queue?.length ?? 0} now={now} />
        </section>
        <section className={css.block} aria-labelledby="agents-title">
          <h2 id="agents-title">{t("Agents")}</h2>
          <Agents people={people} />
        </section>
      </div>
    </Page>
  );
}

function rank(agent: Agent): number {
  return (agent.connected ? 0 : 10) + AVAILABILITIES.indexOf(agent.availability);
}

interface WaitingProps {
  entries: QueueEntry[] | null;
  length: number;
  now: number;
}

function Waiting({ entries, length, now }: WaitingProps) {
  if (!entries) return <LoadingRows rows={3} label={t("Loading the queue")} />;
  if (entries.length === 0) {
    return (
      <Empty icon={Coffee} title={t("Nobody is waiting")}>
        {t("Whoever begins a conversation while all agents are busy stands here.")}
      </Empty>
    );
  }
  const columns: Column<QueueEntry>[] = [
    { key: "place", name: "#", number: true, cell: ({ position }) => position },
    {
      key: "customer",
      name: t("Customer"),
      cell: ({ conversation_id, customer }) => (
        <span className={css.person}>
          <Avatar id={customer.id} name={customer.name} size={26} />
          <button
            type="button"
            className={css.rowLink}
            onClick={() => go(inboxPath("unassigned", conversation_id))}
          >
            {customer.name}
          </button>
        </span>
      ),
    },
    {
      key: "topic",
      name: t("Topic"),
      secondary: true,
      cell: ({ issue_type, team }) => (
        <>
          {worded(issue_type)} {team ? <Pill>{team}</Pill> : null}
        </>
      ),
    },
    {
      key: "priority",
      name: t("Priority"),
      secondary: true,
      cell: ({ priority }) => <PriorityPill priority={priority} always />,
    },
    { key: "waits", name: t("Waits"), number: true, cell: ({ queued_at }) => duration(now - queued_at) },
    {
      key: "estimate",
      name: t("Estimate"),
      number: true,
      secondary: true,
      cell: ({ estimated_wait_seconds: seconds }) =>
        seconds === null || seconds === undefined
          ? "–"
          : t("about {time}", { time: duration(seconds * 1000) }),
    },
    {
      key: "accept",
      name: <span className={css.muted}>{t("Action")}</span>,
      cell: ({ conversation_id, customer }) => (
        <Button
          small
          aria-label={t("Accept {name}", { name: customer.name })}
          onClick={async () => {
            if (await accept(conversation_id)) go(inboxPath("mine", conversation_id));
          }}
        >
          {t("Accept")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Table
        label={t("Waiting conversations")}
        columns={columns}
        rows={entries}
        rowKey={(entry) => entry.conversation_id}
      />
      {length > entries.length ? (
        <p className={css.muted}>{t("and {n} more", { n: length - entries.length })}</p>
      ) : null}
    </>
  );
}

function Agents({ people }: { people: Agent[] }) {
  const me = useDesk((state) => state.me);
  if (people.length === 0) return <Empty icon={UsersRound} title={t("There are no agents yet")} />;
  const columns: Column<Agent>[] = [
    {
      key: "name",
      name: t("Agent"),
      cell: (agent) => (
        <span className={css.person}>
          <Avatar
            id={agent.id}
            name={agent.name}
            size={26}
            staff
            presence={agent.connected ? agent.availability : "offline"}
          />
          <span className={css.nowrap}>
            {agent.name}
            {agent.id === me.id ? <span className={css.muted}> {t("(you)")}</span> : null}
          </span>
        </span>
      ),
    },
    {
      key: "load",
      name: t("Conversations"),
      cell: ({ active, capacity }) => (
        <span className={css.nowrap}>
          <span className={css.meter} aria-hidden="true">
            <i style={{ width: `${Math.min(100, (active / Math.max(1, capacity)) * 100)}%` }} />
          </span>
          {t("{n} of {all}", { n: active, all: capacity })}
        </span>
      ),
    },
    {
      key: "skills",
      name: t("Teams and skills"),
      secondary: true,
      cell: ({ teams, skills }) => (
        <span className={css.muted}>{[...teams, ...skills].join(", ") || t("all")}</span>
      ),
    },
    {
      key: "availability",
      name: t("Availability"),
      cell: (agent) =>
        leads(me.role) || agent.id === me.id ? (
          <CompactSelect
            label={t("Availability of {name}", { name: agent.name })}
            value={agent.availability}
            onChange={(event) => void setAgentAvailability(agent.id, event.target.value as Availability)}
          >
            {AVAILABILITIES.map((each) => (
              <option key={each} value={each}>
                {worded(each)}
              </option>
            ))}
          </CompactSelect>
        ) : (
          <span className={css.person}>
            <Dot state={agent.availability} /> {worded(agent.availability)}
          </span>
        ),
    },
    {
      key: "connected",
      name: t("Connected"),
      secondary: true,
      cell: ({ connected }) => (connected ? <Pill tone="ok">{t("Yes")}</Pill> : <Pill>{t("No")}</Pill>),
    },
  ];
  return <Table label={t("Agents")} columns={columns} rows={people} rowKey={(agent) => agent.id} />;
}
