// A customer's earlier conversations, of a hub that knows nothing more of customers.

import { useEffect, useState } from "react";
import { inboxPath } from "../app/routes";
import { customerHistory } from "../hub/actions";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { shortAgo } from "../model/time";
import { worded } from "../ui/marks";
import { Skeleton } from "../ui/states";
import css from "./inbox.module.css";

export function Earlier({ conversation, now }: { conversation: Conversation; now: number }) {
  const [found, setFound] = useState<Conversation[] | "loading" | "failed">("loading");
  const { id } = conversation.customer;
  useEffect(() => {
    let current = true;
    setFound("loading");
    customerHistory(id).then(
      (page) => current && setFound(page),
      () => current && setFound("failed"),
    );
    return () => {
      current = false;
    };
  }, [id]);
  const earlier = typeof found === "string" ? [] : found.filter((each) => each.id !== conversation.id);
  return (
    <section className={`${css.section} ${css.earlier}`}>
      <h3>
        {t("Earlier conversations")}
        {earlier.length > 0 ? <span>{earlier.length}</span> : null}
      </h3>
      {found === "loading" ? (
        <Skeleton width="80%" />
      ) : found === "failed" ? (
        <p className={css.system}>{t("They could not be loaded.")}</p>
      ) : earlier.length === 0 ? (
        <p>{t("None: this is the first.")}</p>
      ) : (
        <ul>
          {earlier.map((each) => (
            <li key={each.id}>
              <a href={`#${inboxPath(each.status === "closed" ? "closed" : "all", each.id)}`}>
                {worded(each.issue_type)} · {shortAgo(each.started_at, now)}
                <span>{each.activity?.last_message ?? worded(each.status)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
