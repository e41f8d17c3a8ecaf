// Bars over time, drawn to scale, with a table of the same figures for who doesn't see them.

import { t } from "../i18n";
import { Unseen } from "../ui/marks";
import css from "./reports.module.css";
import { roundUp } from "./scale";

export interface Series {
  name: string;
  /** One of the chart colours, 1 to 6. */
  colour: 1 | 2 | 3 | 4 | 5 | 6;
  values: readonly (number | null)[];
}

interface BarsProps {
  title: string;
  labels: readonly string[];
  series: readonly Series[];
  shown: (value: number) => string;
  /** The end of the scale for the largest value; a round number unless given. */
  top?: (value: number) => number;
}

const HEIGHT = 160;

export function Bars({ title, labels, series, shown, top: round = roundUp }: BarsProps) {
  const top = round(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const every = Math.ceil(labels.length / 12);
  return (
    <figure className={css.chart}>
      <figcaption>
        <strong>{title}</strong>
        <span className={css.legend}>
          {series.map(({ name, colour }) => (
            <span key={name}>
              <i style={{ background: `var(--chart-${colour})` }} /> {name}
            </span>
          ))}
        </span>
      </figcaption>
      <div className={css.plot} style={{ height: HEIGHT }} aria-hidden="true">
        <span className={css.scale}>
          <span>{shown(top)}</span>
          <span>{shown(top / 2)}</span>
          <span>{shown(0)}</span>
        </span>
        <div className={css.columns}>
          {labels.map((label, at) => (
            <div key={label} className={css.column} title={`${label}: ${said(series, at, shown)}`}>
              {series.map(({ name, colour, values }) => (
                <i
                  key={name}
                  style={{
                    height: `${((values[at] ?? 0) / top) * 100}%`,
                    background: `var(--chart-${colour})`,
                  }}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
      <div className={css.axis} aria-hidden="true">
        {labels.map((label, at) => (
          <span key={label}>{at % every === 0 ? label : ""}</span>
        ))}
      </div>
      <Unseen>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{t("When")}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, at) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {series.map(({ name, values }) => (
                  <td key={name}>{values[at] === null ? t("none") : shown(values[at] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Unseen>
    </figure>
  );
}

function said(series: readonly Series[], at: number, shown: (value: number) => string): string {
  return series
    .map(({ name, values }) => `${name} ${values[at] === null ? t("none") : shown(values[at] ?? 0)}`)
    .join(", ");
}
