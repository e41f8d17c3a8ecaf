// What is asked before a chat begins.

import type { SiteView } from "@confab/protocol";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MAX_CHARS } from "./composer";
import { Icon } from "./icons";
import type { Context } from "./window";

export function PreChat({ session, snapshot, options, locale, texts }: Context) {
  const { site } = snapshot;
  const [name, setName] = useState(session.name);
  const [chosen, setTopic] = useState("");
  const [message, setMessage] = useState("");
  const [tried, setTried] = useState(false);
  // What the page says goes before what the tenant has set.
  const topics = options.topics.length > 0 ? options.topics : (site?.widget.topics ?? []);
  const topic = chosen || (topics[0]?.value ?? "");
  const askName = options.askName === "auto" ? (site?.widget.ask_name ?? "optional") : options.askName;
  const asksName = askName !== "no";
  const noName = askName === "required" && name.trim() === "";
  const noMessage = message.trim() === "";

  const submit = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (noName || noMessage) {
      const wrong = event.currentTarget.querySelector<HTMLElement>(noName ? "[name=name]" : "[name=message]");
      wrong?.focus();
      return;
    }
    session.start({ name: name.trim(), topic, message: message.trim() });
  };

  const problem = (wrong: boolean, id: string) =>
    tried && wrong ? (
      <span class="problem" id={id}>
        {texts.required}
      </span>
    ) : null;

  return (
    <form class="prechat" noValidate onSubmit={submit}>
      <div class="welcome">
        <h3>{options.greeting || site?.widget.greeting || texts.greeting}</h3>
        {site?.open === false ? null : <p>{texts.intro}</p>}
      </div>
      {site?.open === false ? (
        <p class="closed" role="status">
          <Icon name="clock" />
          <span>{closedText(site, texts, locale)}</span>
        </p>
      ) : null}
      {snapshot.problem ? (
        <p class="refusal" role="alert">
          {texts.refused} {snapshot.problem}
        </p>
      ) : null}
      {asksName ? (
        <label>
          <span>
            {texts.name}
            {askName === "optional" ? <em> ({texts.optional})</em> : null}
          </span>
          <input
            name="name"
            value={name}
            maxLength={80}
            autocomplete="name"
            data-first
            aria-invalid={tried && noName}
            aria-describedby={tried && noName ? "confab-no-name" : undefined}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          {problem(noName, "confab-no-name")}
        </label>
      ) : null}
      {topics.length > 0 ? (
        <label>
          <span>{texts.topic}</span>
          <select name="topic" value={topic} onChange={(event) => setTopic(event.currentTarget.value)}>
            {topics.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label>
        <span>{texts.message}</span>
        <textarea
          name="message"
          rows={4}
          value={message}
          maxLength={MAX_CHARS}
          data-first={!asksName || undefined}
          placeholder={texts.messagePlaceholder}
          aria-invalid={tried && noMessage}
          aria-describedby={tried && noMessage ? "confab-no-message" : undefined}
          onInput={(event) => setMessage(event.currentTarget.value)}
        />
        {problem(noMessage, "confab-no-message")}
      </label>
      <button type="submit" class="primary">
        {texts.start}
      </button>
    </form>
  );
}

/** What is said while the desk is closed, and when it opens. */
function closedText(site: SiteView, texts: Context["texts"], locale: Context["locale"]): string {
  const said = site.widget.closed_message || texts.closed;
  if (!site.opens_at) return said;
  const when = new Intl.DateTimeFormat(locale.tag, {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "numeric",
    minute: "2-digit",
  });
  return `${said} ${texts.opensAt(when.format(site.opens_at))}`;
}
