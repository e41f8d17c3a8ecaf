// The content filter: what is not to be written, and what becomes of a message that has it.

import { useState } from "react";
import type { ContentFilterBody, FilterAction } from "../hub/awaited";
import { t } from "../i18n";
import { AreaField, CheckField, ChoiceField } from "../ui/fields";
import css from "../ui/page.module.css";
import { lines } from "./responder-page";
import { SettingPage } from "./setting-page";

const ACTIONS: { value: FilterAction; label: string; hint: string }[] = [
  { value: "mask", label: t("Mask"), hint: t("The message is sent; what matches is replaced by asterisks.") },
  { value: "refuse", label: t("Refuse"), hint: t("The message is not sent, and its writer is told why.") },
];

export function FilterPage() {
  return (
    <SettingPage<ContentFilterBody>
      path="/api/admin/content-filter"
      title={t("Content filter")}
      about={t("It looks at what is sent from now on, within seconds, and never at private notes.")}
      loading={t("Loading the content filter")}
      failed={t("The content filter could not be loaded")}
      saved={t("Content filter saved")}
      beginnings={{ "a word ": "words", "a pattern ": "patterns", "the pattern ": "patterns" }}
      fields={(wanted, change) => <Fields wanted={wanted} change={change} />}
    />
  );
}

interface FieldsProps {
  wanted: ContentFilterBody;
  change: (part: Partial<ContentFilterBody>) => void;
}

function Fields({ wanted, change }: FieldsProps) {
  const [words, setWords] = useState((wanted.words ?? []).join("\n"));
  const [patterns, setPatterns] = useState((wanted.patterns ?? []).join("\n"));
  const isEmpty = !wanted.words?.length && !wanted.patterns?.length;
  return (
    <>
      {isEmpty ? (
        <p className={css.calm}>{t("Nothing is filtered: there are no words and no patterns.")}</p>
      ) : null}
      <ChoiceField
        label={t("What becomes of a message that matches")}
        name="action"
        value={wanted.action ?? "refuse"}
        choices={ACTIONS}
        onChange={(action) => change({ action })}
      />
      <AreaField
        label={t("Words")}
        hint={t("One a line, matched as whole words whatever their case.")}
        name="words"
        rows={6}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          change({ words: lines(event.target.value) });
        }}
      />
      <AreaField
        label={t("Patterns")}
        hint={t("One regular expression a line, such as \\b\\d{16}\\b for sixteen digits.")}
        name="patterns"
        rows={4}
        dir="ltr"
        spellCheck={false}
        style={{ fontFamily: "var(--mono)" }}
        value={patterns}
        onChange={(event) => {
          setPatterns(event.target.value);
          change({ patterns: event.target.value.split("\n").filter((line) => line !== "") });
        }}
      />
      <CheckField
        label={t("Look only at what customers write")}
        checked={wanted.customers_only ?? false}
        onChange={(event) => change({ customers_only: event.target.checked })}
      />
    </>
  );
}
