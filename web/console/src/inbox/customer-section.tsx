// What is known of a customer: attributes, page, device, tickets, earlier conversations, satisfaction.

import { inboxPath } from "../app/routes";
import type { CustomerContext } from "../hub/awaited";
import { useLoaded } from "../hub/loaded";
import { ask } from "../hub/offers";
import type { Conversation } from "../hub/types";
import { counted, number, t } from "../i18n";
import { shortAgo } from "../model/time";
import { Stars } from "../tickets/ticket-panel";
import { Pill, worded } from "../ui/marks";
import page from "../ui/page.module.css";
import { Skeleton } from "../ui/states";
import css from "./inbox.module.css";

export function CustomerSections({ conversation, now }: { conversation: Conversation; now: number }) {
  const { id } = conversation.customer;
  const loaded = useLoaded(`${id}/${conversation.status}`, () =>
    ask<CustomerContext>("GET /api/customer/{id}/context", { path: { id } }),
  );
  if (loaded.failed) {
    return (
      <section className={css.section}>
        <p className={page.muted}>{t("What is known of the customer could not be loaded.")}</p>
      </section>
    );
  }
  if (!loaded.data) {
    return (
      <section className={css.section}>
        <Skeleton width="70%" />
      </section>
    );
  }
  const { profile, tickets, conversations, satisfaction } = loaded.data;
  const earlier = conversations.filter((each) => each.id !== conversation.id);
  const others = tickets.filter((each) => each.id !== conversation.ticket_id);
  return (
    <>
      <Profile profile={profile} now={now} satisfaction={satisfaction ?? null} />
      <section className={`${css.section} ${css.earlier}`}>
        <h3>
          {t("Earlier conversations")} <span>{earlier.length}</span>
        </h3>
        {earlier.length === 0 ? (
          <p className={page.muted}>{t("None: this is the first.")}</p>
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
      {others.length > 0 ? (
        <section className={`${css.section} ${css.earlier}`}>
          <h3>
            {t("Other tickets")} <span>{others.length}</span>
          </h3>
          <ul>
            {others.map((each) => (
              <li key={each.id}>
                <a href={`#/tickets/${each.id}`}>
                  {each.subject}
                  <span>
                    {worded(each.status)} · {shortAgo(each.created_at, now)}
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

interface ProfileProps {
  profile: CustomerContext["profile"];
  satisfaction: CustomerContext["satisfaction"];
  now: number;
}

function Profile({ profile, satisfaction, now }: ProfileProps) {
  const { page: seen, device } = profile;
  const attributes = Object.entries(profile.attributes ?? {});
  const claimed = Object.entries(profile.claimed ?? {});
  return (
    <section className={css.section}>
      <h3>{t("Customer")}</h3>
      <dl className={css.facts}>
        {satisfaction ? (
          <>
            <dt>{t("Satisfaction")}</dt>
            <dd>
              <Stars score={Math.round(satisfaction.average)} /> {number(satisfaction.average, 1)}
              <span className={page.muted}> {counted("inAnswers", satisfaction.answers)}</span>
            </dd>
          </>
        ) : null}
        {attributes.map(([name, value]) => (
          <Fact key={`a-${name}`} name={worded(name)} value={String(value)} />
        ))}
        {claimed.map(([name, value]) => (
          <div key={`c-${name}`} className={css.fact}>
            <dt>{worded(name)}</dt>
            <dd>
              {String(value)}{" "}
              <Pill title={t("The customer's browser says so; nobody has checked it.")}>{t("told")}</Pill>
            </dd>
          </div>
        ))}
        {seen && /^https?:/.test(seen.url) ? (
          <div className={css.fact}>
            <dt>{t("Page")}</dt>
            <dd>
              <a href={seen.url} target="_blank" rel="noopener noreferrer">
                {seen.title || seen.url}
              </a>
            </dd>
          </div>
        ) : null}
        {device?.language ? <Fact name={t("Language")} value={device.language} /> : null}
        {device?.time_zone ? <Fact name={t("Time zone")} value={device.time_zone} /> : null}
        {device?.user_agent ? <Fact name={t("Device")} value={shortDevice(device.user_agent)} /> : null}
        {profile.first_seen_at ? (
          <Fact name={t("First here")} value={shortAgo(profile.first_seen_at, now)} />
        ) : null}
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** A browser and a system out of what a browser calls itself. */
function shortDevice(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//
    .exec(agent)?.[1]
    ?.replace("Edg", "Edge")
    .replace("OPR", "Opera");
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/
    .exec(agent)?.[1]
    ?.replace("Mac OS X", "macOS");
  return [browser, system].filter(Boolean).join(", ") || agent.slice(0, 60);
}
