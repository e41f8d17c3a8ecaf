// What happened on the desk, in figures and charts: over time, per agent, per category; also as CSV.

import { ChartColumn, Download } from "lucide-react";
import { useState } from "react";
import { reasonOf } from "../hub/actions";
import type { ReportBy, ReportResponse, ReportRow, TallyView } from "../hub/awaited";
import { useLoaded } from "../hub/loaded";
import { ask } from "../hub/offers";
import { api } from "../hub/session";
import { counted, localeTag, number, t } from "../i18n";
import { duration } from "../model/time";
import { Button } from "../ui/button";
import { CompactSelect } from "../ui/fields";
import { worded } from "../ui/marks";
import { type Column, Figures, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { Empty, Failed, LoadingRows } from "../ui/states";
import { toast } from "../ui/toasts";
import { Bars } from "./bars";
import reports from "./reports.module.css";
import { roundUpTime } from "./scale";

const DAY = 86_400_000;
const SPANS: [string, number][] = [
  [t("Last 24 hours"), DAY],
  [t("Last 7 days"), 7 * DAY],
  [t("Last 30 days"), 30 * DAY],
  [t("Last 90 days"), 90 * DAY],
];

/** The reports of one span: over time, by agent, by category. */
interface Reports {
  time: ReportResponse;
  agents: ReportResponse;
  categories: ReportResponse;
}

async function load(span: number): Promise<Reports> {
  const to = Date.now();
  const from = to - span;
  const offset_minutes = -new Date().getTimezoneOffset();
  const asked = (by: ReportBy) =>
    ask<ReportResponse>("GET /api/admin/support/reports", { query: { from, to, by, offset_minutes } });
  const [time, agents, categories] = await Promise.all([
    asked(span <= DAY ? "hour" : "day"),
    asked("agent"),
    asked("category"),
  ]);
  return { time, agents, categories };
}

export function ReportsPage() {
  const [span, setSpan] = useState(7 * DAY);
  const loaded = useLoaded(String(span), () => load(span));
  return (
    <Page
      title={t("Reports")}
      actions={
        <>
          <CompactSelect
            label={t("Time")}
            value={span}
            onChange={(event) => setSpan(Number(event.target.value))}
          >
            {SPANS.map(([name, ms]) => (
              <option key={ms} value={ms}>
                {name}
              </option>
            ))}
          </CompactSelect>
          <Button onClick={() => void download(span)}>
            <Download size={15} aria-hidden="true" />
            CSV
          </Button>
        </>
      }
    >
      {loaded.data ? (
        <Report found={loaded.data} />
      ) : loaded.failed ? (
        <Failed what={t("The report could not be made")} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows label={t("Loading the report")} />
      )}
    </Page>
  );
}

async function download(span: number): Promise<void> {
  try {
    const to = Date.now();
    const offset = -new Date().getTimezoneOffset();
    const by = span <= DAY ? "hour" : "day";
    const query = `from=${to - span}&to=${to}&by=${by}&format=csv&offset_minutes=${offset}`;
    const response = await api.send("GET", `/api/admin/support/reports?${query}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = "confab-report.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    toast(t("The report could not be downloaded"), { text: reasonOf(error), tone: "bad" });
  }
}

/** The day of a row, which has no time and so no time zone. */
const day = new Intl.DateTimeFormat(localeTag(), { day: "numeric", month: "short", timeZone: "UTC" });

const seconds = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : duration(value * 1000);

function figures(total: TallyView) {
  return [
    { name: t("Conversations"), value: total.started, hint: t("{n} closed", { n: number(total.closed) }) },
    {
      name: t("Wait, half within"),
      value: seconds(total.wait.p50_seconds),
      hint: t("nine of ten within {time}", { time: seconds(total.wait.p90_seconds) }),
    },
    {
      name: t("First response, half within"),
      value: seconds(total.first_response.p50_seconds),
      hint: t("nine of ten within {time}", { time: seconds(total.first_response.p90_seconds) }),
    },
    {
      name: t("Resolution, half within"),
      value: seconds(total.resolution.p50_seconds),
      hint: t("{n} resolved", { n: number(total.resolved) }),
    },
    { name: t("Satisfaction"), value: score(total), hint: counted("answers", total.ratings) },
  ];
}

function score({ satisfaction }: TallyView): string {
  return satisfaction === null || satisfaction === undefined
    ? "–"
    : t("{n} of 5", { n: number(satisfaction, 1) });
}

function Report({ found: { time, agents, categories } }: { found: Reports }) {
  if (time.rows.length === 0) {
    return (
      <>
        <Figures figures={figures(time.total)} />
        <Empty icon={ChartColumn} title={t("Nothing happened in this time")}>
          {t("Choose a longer one.")}
        </Empty>
      </>
    );
  }
  const labels = time.rows.map(({ key }) =>
    key.includes("T") ? key.slice(11, 16) : day.format(new Date(key)),
  );
  const of = (pick: (row: ReportRow) => number | null | undefined) =>
    time.rows.map((row) => pick(row) ?? null);
  return (
    <>
      <Figures figures={figures(time.total)} />
      <div className={reports.charts}>
        <Bars
          title={t("Conversations")}
          labels={labels}
          shown={(value) => number(value, Number.isInteger(value) ? 0 : 1)}
          series={[
            { name: t("Begun"), colour: 1, values: of((row) => row.started) },
            { name: t("Closed"), colour: 2, values: of((row) => row.closed) },
          ]}
        />
        <Bars
          title={t("Wait and first response, half within")}
          labels={labels}
          shown={seconds}
          top={roundUpTime}
          series={[
            { name: t("Wait"), colour: 3, values: of((row) => row.wait.p50_seconds) },
            { name: t("First response"), colour: 1, values: of((row) => row.first_response.p50_seconds) },
          ]}
        />
        <Bars
          title={t("Resolution, half within")}
          labels={labels}
          shown={seconds}
          top={roundUpTime}
          series={[{ name: t("Resolution"), colour: 4, values: of((row) => row.resolution.p50_seconds) }]}
        />
        <Bars
          title={t("Satisfaction")}
          labels={labels}
          shown={(value) => number(value, 1)}
          series={[{ name: t("Mean, 1 to 5"), colour: 5, values: of((row) => row.satisfaction) }]}
        />
      </div>
      <section className={css.block}>
        <h2>{t("By agent")}</h2>
        <Tallies
          label={t("By agent")}
          of={t("Agent")}
          rows={agents.rows}
          name={(row) => row.name || row.key || t("Nobody")}
        />
      </section>
      <section className={css.block}>
        <h2>{t("By category")}</h2>
        <Tallies
          label={t("By category")}
          of={t("Category")}
          rows={categories.rows}
          name={(row) => worded(row.key)}
        />
      </section>
    </>
  );
}

interface TalliesProps {
  label: string;
  /** What a row is of. */
  of: string;
  rows: readonly ReportRow[];
  name: (row: ReportRow) => string;
}

function Tallies({ label, of, rows, name }: TalliesProps) {
  const columns: Column<ReportRow>[] = [
    { key: "name", name: of, cell: name },
    { key: "started", name: t("Begun"), number: true, cell: (row) => row.started },
    { key: "closed", name: t("Closed"), number: true, cell: (row) => row.closed },
    {
      key: "wait",
      name: t("Wait"),
      number: true,
      secondary: true,
      cell: (row) => seconds(row.wait.p50_seconds),
    },
    {
      key: "first",
      name: t("First response"),
      number: true,
      cell: (row) => seconds(row.first_response.p50_seconds),
    },
    {
      key: "resolution",
      name: t("Resolution"),
      number: true,
      secondary: true,
      cell: (row) => seconds(row.resolution.p50_seconds),
    },
    { key: "score", name: t("Satisfaction"), number: true, cell: score },
  ];
  if (rows.length === 0) return <p className={css.muted}>{t("Nothing.")}</p>;
  return <Table label={label} columns={columns} rows={rows} rowKey={({ key }) => key} />;
}
