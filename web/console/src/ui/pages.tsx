// What stands under a list that is loaded page by page, and in place of it.

import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Pages } from "../hub/loaded";
import { t } from "../i18n";
import { Button } from "./button";
import css from "./page.module.css";
import { Empty, Failed, LoadingRows } from "./states";

interface ListStateProps<T> {
  pages: Pages<T>;
  what: string;
  icon: LucideIcon;
  empty: string;
  hint?: ReactNode;
  children: ReactNode;
}

/** The list, or what there is instead of it, and the way to more of it. */
export function ListState<T>({ pages, what, icon, empty, hint, children }: ListStateProps<T>) {
  if (pages.failed && pages.items.length === 0) {
    return (
      <Failed what={t("{what} could not be loaded", { what })} reason={pages.failed} onRetry={pages.reload} />
    );
  }
  if (pages.items.length === 0) {
    return pages.loading ? (
      <LoadingRows label={t("Loading {what}", { what })} />
    ) : (
      <Empty icon={icon} title={empty}>
        {hint}
      </Empty>
    );
  }
  return (
    <>
      {children}
      {pages.hasMore ? (
        <div className={css.more}>
          <Button onClick={pages.more} disabled={pages.loading}>
            {pages.loading ? t("Loading …") : t("Show more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}
