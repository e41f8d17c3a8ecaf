// What is asked before a chat begins.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MAX_CHARS } from "./composer";
import type { Context } from "./window";

export function PreChat({ session, snapshot, options, texts }: Context) {
  const [name, setName] = useState(session.name);
  const [topic, setTopic] = useState(options.topics[0]?.value ?? "");
  const [message, setMessage] = useState("");
  const [tried, setTried] = useState(false);
  const asksName = options.askName !== "no";
  const noName = asksName && options.askName === "required" && name.trim() === "";
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
        <h3>{options.greeting || texts.greeting}</h3>
        <p>{texts.intro}</p>
      </div>
      {snapshot.problem ? (
        <p class="refusal" role="alert">
          {texts.refused} {snapshot.problem}
        </p>
      ) : null}
      {asksName ? (
        <label>
          <span>
            {texts.name}
            {options.askName === "optional" ? <em> ({texts.optional})</em> : null}
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
      {options.topics.length > 0 ? (
        <label>
          <span>{texts.topic}</span>
          <select name="topic" value={topic} onChange={(event) => setTopic(event.currentTarget.value)}>
            {options.topics.map(({ value, label }) => (
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
