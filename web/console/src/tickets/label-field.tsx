// Labels as text, changed when the field is left or Enter is pressed.

import { useState } from "react";
import { t } from "../i18n";
import ui from "../ui/ui.module.css";
import { readLabels } from "./words";

interface LabelFieldProps {
  label: string;
  labels: readonly string[];
  onLabels: (labels: string[]) => void;
}

export function LabelField({ label, labels, onLabels }: LabelFieldProps) {
  const before = labels.join(", ");
  const [text, setText] = useState(before);
  const save = () => {
    const next = readLabels(text);
    if (next.join(", ") !== before) onLabels(next);
  };
  return (
    <input
      className={`${ui.input} ${ui.compact}`}
      aria-label={label}
      placeholder={t("none")}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
