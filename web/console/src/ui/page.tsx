// The frame of a page that is not the inbox, and its tables and figures.

import type { ReactNode } from "react";
import css from "./page.module.css";

interface PageProps {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  bar?: ReactNode;
  nav?: ReactNode;
  /** The body is a table that goes from edge to edge. */
  flush?: boolean;
  children: ReactNode;
}

/** What scrolls has to scroll by the keyboard, too. */
export const SCROLLS = { tabIndex: 0 };

export function Page({ title, about, actions, bar, nav, flush = false, children }: PageProps) {
  return (
    <main className={css.page} id="main">
      <header className={css.head}>
        <div className={css.title}>
          <h1>{title}</h1>
          {about ? <p>{about}</p> : null}
        </div>
        {actions}
      </header>
      <div className={css.frame}>
        {nav}
        <div className={css.pane}>
          {bar ? <div className={css.bar}>{bar}</div> : null}
          <div className={`${css.body} ${flush ? css.flush : ""}`} {...SCROLLS}>
            {children}
          </div>
        </div>
      </div>
    </main>
  );
}

export interface Column<Row> {
  key: string;
  name: ReactNode;
  cell: (row: Row) => ReactNode;
  number?: boolean;
  /** Left out on a phone. */
  secondary?: boolean;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  selected?: (row: Row) => boolean;
}

export function Table<Row>({ label, columns, rows, rowKey, selected }: TableProps<Row>) {
  const classOf = (column: Column<Row>) =>
    [column.number && css.number, column.secondary && css.secondary].filter(Boolean).join(" ") || undefined;
  return (
    <div className={css.tableWrap} {...SCROLLS}>
      <table className={css.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={classOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} aria-selected={selected ? selected(row) : undefined}>
              {columns.map((column) => (
                <td key={column.key} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export interface Figure {
  name: string;
  value: ReactNode;
  hint?: ReactNode;
}

/** Figures side by side. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={css.cards}>
      {figures.map(({ name, value, hint }) => (
        <div key={name} className={css.card}>
          <dt>{name}</dt>
          <dd>
            {value}
            {hint ? <small>{hint}</small> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}
