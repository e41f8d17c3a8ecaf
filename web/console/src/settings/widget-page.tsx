// What customers see before a chat: the form of the widget, and what it says while the desk is closed.

import { useState } from "react";
import type { WidgetBody } from "../hub/awaited";
import { t } from "../i18n";
import { AreaField, SelectField, TextField } from "../ui/fields";
import { SettingPage } from "./setting-page";

type Change = (part: Partial<WidgetBody>) => void;

export function WidgetPage() {
  return (
    <SettingPage<WidgetBody>
      path="/api/admin/widget"
      title={t("Widget")}
      about={t("What customers see before a chat, and while the desk is closed.")}
      loading={t("Loading the form")}
      failed={t("The form could not be loaded")}
      saved={t("Form saved")}
      beginnings={{ "topics.": "topics" }}
      fields={(wanted, change) => <Fields wanted={wanted} change={change} />}
    />
  );
}

function Fields({ wanted, change }: { wanted: WidgetBody; change: Change }) {
  const [topics, setTopics] = useState(() => written(wanted.topics ?? []));
  return (
    <>
      <TextField
        label={t("Title of the window")}
        name="title"
        hint={t("Empty: as the widget says it in each language.")}
        maxLength={80}
        value={wanted.title ?? ""}
        onChange={(event) => change({ title: event.target.value || null })}
      />
      <TextField
        label={t("Greeting")}
        name="greeting"
        maxLength={300}
        value={wanted.greeting ?? ""}
        onChange={(event) => change({ greeting: event.target.value || null })}
      />
      <SelectField
        label={t("Ask for a name")}
        name="ask_name"
        value={wanted.ask_name ?? "optional"}
        onChange={(event) => change({ ask_name: event.target.value as NonNullable<WidgetBody["ask_name"]> })}
      >
        <option value="optional">{t("Optional")}</option>
        <option value="required">{t("Required")}</option>
        <option value="no">{t("No")}</option>
      </SelectField>
      <AreaField
        label={t("Topics")}
        name="topics"
        hint={t(
          "One a line, as payment: A payment. The word before the colon routes to agents with this skill.",
        )}
        rows={4}
        value={topics}
        onChange={(event) => {
          setTopics(event.target.value);
          change({ topics: read(event.target.value) });
        }}
      />
      <AreaField
        label={t("Message while closed")}
        name="closed_message"
        maxLength={300}
        rows={2}
        value={wanted.closed_message ?? ""}
        onChange={(event) => change({ closed_message: event.target.value || null })}
      />
    </>
  );
}

type Topics = NonNullable<WidgetBody["topics"]>;

function written(topics: Topics): string {
  return topics.map(({ value, label }) => `${value}: ${label}`).join("\n");
}

/** One topic a line; without a colon the word is its own name. */
function read(text: string): Topics {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [value = "", ...label] = line.split(":");
    return { value: value.trim(), label: label.join(":").trim() || value.trim() };
  });
}
