// What stands where there is nothing to show: nothing yet, nothing found, loading, failed.

import type { LucideIcon } from "lucide-react";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../i18n";
import { Button } from "./button";
import css from "./ui.module.css";

export function Empty({
  icon: Icon,
  title,
  children,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={css.state}>
      <Icon size={28} strokeWidth={1.5} aria-hidden="true" />
      <h2>{title}</h2>
      {typeof children === "string" ? <p>{children}</p> : children}
    </div>
  );
}

export function Failed({
  what,
  reason,
  onRetry,
}: {
  what: string;
  reason?: string | null;
  onRetry?: () => void;
}) {
  return (
    <div className={css.state} role="alert">
      <CircleAlert size={28} strokeWidth={1.5} aria-hidden="true" />
      <h2>{what}</h2>
      {reason ? <p>{reason}</p> : null}
      {onRetry ? <Button onClick={onRetry}>{t("Try again")}</Button> : null}
    </div>
  );
}

export function Skeleton({ width, height = 14 }: { width: number | string; height?: number }) {
  return <div className={css.skeleton} style={{ width, height }} />;
}

/** Grey rows in place of a list or table that is being loaded. */
export function LoadingRows({ rows = 6, label = t("Loading") }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} style={{ display: "grid", gap: 22, padding: 16 }}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey rows never move
        <div key={index} style={{ display: "grid", gap: 8 }}>
          <Skeleton width={`${70 - (index % 3) * 14}%`} />
          <Skeleton width={`${45 + (index % 4) * 10}%`} height={10} />
        </div>
      ))}
    </div>
  );
}

export function Spinner({ label }: { label: string }) {
  return <span className={css.spinner} role="status" aria-label={label} />;
}
