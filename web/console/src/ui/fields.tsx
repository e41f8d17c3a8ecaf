// Form fields with their names and hints.

import { type ComponentProps, type ReactNode, useId } from "react";
import css from "./ui.module.css";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  children: (id: string, described: string | undefined) => ReactNode;
}

export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const described = hint ? `${id}-hint` : undefined;
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {children(id, described)}
      {hint ? (
        <span id={described} className={css.hint}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}

type Labelled = { label: string; hint?: ReactNode };

export function TextField({ label, hint, ...rest }: Labelled & ComponentProps<"input">) {
  return (
    <Field label={label} hint={hint}>
      {(id, described) => <input id={id} aria-describedby={described} className={css.input} {...rest} />}
    </Field>
  );
}

export function AreaField({ label, hint, ...rest }: Labelled & ComponentProps<"textarea">) {
  return (
    <Field label={label} hint={hint}>
      {(id, described) => <textarea id={id} aria-describedby={described} className={css.input} {...rest} />}
    </Field>
  );
}

export function SelectField({ label, hint, ...rest }: Labelled & ComponentProps<"select">) {
  return (
    <Field label={label} hint={hint}>
      {(id, described) => <select id={id} aria-describedby={described} className={css.input} {...rest} />}
    </Field>
  );
}

/** A select whose name is heard but not shown, for tool bars. */
export function CompactSelect({ label, ...rest }: { label: string } & ComponentProps<"select">) {
  return <select aria-label={label} className={`${css.input} ${css.compact} ${css.auto}`} {...rest} />;
}

export function CheckField({ label, ...rest }: { label: ReactNode } & ComponentProps<"input">) {
  return (
    <label className={css.check}>
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}

interface SwitchProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function SwitchField({ label, hint, checked, onChange, disabled }: SwitchProps) {
  const id = useId();
  return (
    <div className={css.switchRow}>
      <div>
        <div id={id}>{label}</div>
        {hint ? (
          <div className={css.hint} id={`${id}-hint`}>
            {hint}
          </div>
        ) : null}
      </div>
      <button
        type="button"
        role="switch"
        className={css.switch}
        aria-checked={checked}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        disabled={disabled}
        onClick={() => onChange(!checked)}
      />
    </div>
  );
}
