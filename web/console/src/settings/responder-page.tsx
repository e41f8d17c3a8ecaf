// Automatic replies while no agent is there: where they come from, how sure they are, when a person takes over.

import { useState } from "react";
import type { ReplyEndpoint, ReplySource, ResponderBody } from "../hub/awaited";
import { t } from "../i18n";
import { AreaField, CheckField, ChoiceField, TextField } from "../ui/fields";
import css from "../ui/page.module.css";
import { SettingPage } from "./setting-page";

type Change = (part: Partial<ResponderBody>) => void;

const SOURCES: { value: ReplySource; label: string; hint: string }[] = [
  { value: "off", label: t("Off"), hint: t("Customers wait for a person.") },
  {
    value: "library",
    label: t("From the library"),
    hint: t("Published articles, and canned messages that may answer by themselves."),
  },
  {
    value: "endpoint",
    label: t("From a language model"),
    hint: t("An endpoint of yours that speaks as OpenAI's does. It is sent what the customer writes."),
  },
];

const NEW_ENDPOINT: ReplyEndpoint = { url: "", model: "" };

export function ResponderPage() {
  return (
    <SettingPage<ResponderBody>
      path="/api/admin/responder"
      title={t("Automatic replies")}
      about={t("They answer while no agent is there, and never after a customer asked for a person.")}
      loading={t("Loading automatic replies")}
      failed={t("The automatic replies could not be loaded")}
      saved={t("Automatic replies saved")}
      beginnings={{ "endpoint is ": "endpoint.url" }}
      ready={ready}
      fields={(wanted, change) => <Fields wanted={wanted} change={change} />}
    />
  );
}

/** What the hub takes: `has_key` is told alone, and an endpoint that nobody has filled in is none. */
function ready({ endpoint, ...rest }: ResponderBody): ResponderBody {
  if (!endpoint || (rest.source !== "endpoint" && endpoint.url === "")) return { ...rest, endpoint: null };
  const { has_key: _, ...sent } = endpoint;
  return { ...rest, endpoint: { ...sent, url: sent.url.trim(), model: sent.model.trim() } };
}

function Fields({ wanted, change }: { wanted: ResponderBody; change: Change }) {
  const source = wanted.source ?? "off";
  return (
    <>
      <ChoiceField
        label={t("Who answers while no agent is there")}
        name="source"
        value={source}
        choices={SOURCES}
        onChange={(chosen) => change({ source: chosen })}
      />
      {source === "off" ? null : <Sayings wanted={wanted} change={change} />}
      {source === "endpoint" ? (
        <Endpoint
          endpoint={wanted.endpoint ?? NEW_ENDPOINT}
          change={(part) => change({ endpoint: { ...(wanted.endpoint ?? NEW_ENDPOINT), ...part } })}
        />
      ) : null}
    </>
  );
}

function Sayings({ wanted, change }: { wanted: ResponderBody; change: Change }) {
  const [words, setWords] = useState((wanted.hand_over_words ?? []).join("\n"));
  return (
    <>
      <div className={css.formRow}>
        <TextField
          label={t("Name")}
          hint={t("Under which the replies appear.")}
          name="name"
          autoComplete="off"
          required
          maxLength={64}
          value={wanted.name ?? ""}
          onChange={(event) => change({ name: event.target.value })}
        />
        {wanted.source === "library" ? (
          <TextField
            label={t("How sure, in per cent")}
            hint={t("An answer that fits less than this is not given.")}
            name="confidence_percent"
            type="number"
            min={1}
            max={100}
            required
            value={String(wanted.confidence_percent ?? 60)}
            onChange={(event) => change({ confidence_percent: Number(event.target.value) })}
          />
        ) : null}
      </div>
      <AreaField
        label={t("Words that ask for a person")}
        hint={t("One a line. Whoever writes one gets no more automatic replies.")}
        name="hand_over_words"
        rows={5}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          change({ hand_over_words: lines(event.target.value) });
        }}
      />
      <AreaField
        label={t("Said when a customer asks for a person")}
        name="hand_over_text"
        rows={2}
        required
        value={wanted.hand_over_text ?? ""}
        onChange={(event) => change({ hand_over_text: event.target.value })}
      />
      <AreaField
        label={t("Said when there is no sure answer")}
        name="unsure_text"
        rows={2}
        required
        value={wanted.unsure_text ?? ""}
        onChange={(event) => change({ unsure_text: event.target.value })}
      />
    </>
  );
}

interface EndpointProps {
  endpoint: ReplyEndpoint;
  change: (part: Partial<ReplyEndpoint>) => void;
}

function Endpoint({ endpoint, change }: EndpointProps) {
  const removed = endpoint.key === "";
  return (
    <fieldset className={css.group}>
      <legend>{t("The language model")}</legend>
      <div className={css.formRow}>
        <TextField
          label={t("Address")}
          hint={t("Without /v1/chat/completions, which is added.")}
          name="endpoint.url"
          type="url"
          required
          value={endpoint.url}
          onChange={(event) => change({ url: event.target.value })}
        />
        <TextField
          label={t("Model")}
          name="endpoint.model"
          autoComplete="off"
          required
          maxLength={64}
          value={endpoint.model}
          onChange={(event) => change({ model: event.target.value })}
        />
      </div>
      <TextField
        label={t("Key")}
        hint={
          endpoint.has_key
            ? t("One is set. It is never shown; write another to replace it.")
            : t("Sent as a bearer token; leave it empty where none is needed.")
        }
        name="endpoint.key"
        type="password"
        autoComplete="new-password"
        disabled={removed}
        placeholder={endpoint.has_key && !removed ? "••••••••" : undefined}
        value={endpoint.key ?? ""}
        onChange={(event) => change({ key: event.target.value || undefined })}
      />
      {endpoint.has_key ? (
        <CheckField
          label={t("Remove the key")}
          checked={removed}
          onChange={(event) => change({ key: event.target.checked ? "" : undefined })}
        />
      ) : null}
      <AreaField
        label={t("What the model is told of its job")}
        hint={t("When to hand over to a person is added.")}
        name="endpoint.system_prompt"
        rows={4}
        value={endpoint.system_prompt ?? ""}
        onChange={(event) => change({ system_prompt: event.target.value })}
      />
      <div className={css.formRow}>
        <TextField
          label={t("Longest wait, in seconds")}
          hint={t("Then the customer is told that a person will answer.")}
          name="endpoint.timeout_ms"
          type="number"
          min={0.1}
          max={60}
          step={0.1}
          required
          value={String((endpoint.timeout_ms ?? 20_000) / 1000)}
          onChange={(event) => change({ timeout_ms: Math.round(Number(event.target.value) * 1000) })}
        />
        <TextField
          label={t("Earlier messages that go along")}
          name="endpoint.earlier_messages"
          type="number"
          min={0}
          max={50}
          required
          value={String(endpoint.earlier_messages ?? 10)}
          onChange={(event) => change({ earlier_messages: Number(event.target.value) })}
        />
      </div>
    </fieldset>
  );
}

/** The lines of a text that say something. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
