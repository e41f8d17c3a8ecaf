// Form fields with their names, their hints, and what the hub found wrong with them.

import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";
import css from "./ui.module.css";

interface Wrong {
  field: string | null;
  atField: string;
}

/** Why a field of the form inside was refused: shown by the field of this `name`. */
export const FieldRefusal = createContext<Wrong | null>(null);

interface Attributes {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** As the hub names it. */
  name?: string | undefined;
  children: (attributes: Attributes) => ReactNode;
}

function useWrong(name: string | undefined): string | null {
  const wrong = useContext(FieldRefusal);
  return name && wrong?.field === name ? wrong.atField : null;
}

export function Field({ label, hint, name, children }: FieldProps) {
  const id = useId();
  const wrong = useWrong(name);
  const described = [wrong ? `${id}-wrong` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": wrong ? true : undefined })}
      {wrong ? (
        <span id={`${id}-wrong`} className={css.error}>
          {wrong}
        </span>
      ) : null}
      {hint ? (
        <span id={`${id}-hint`} className={css.hint}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}

type Labelled = { label: string; hint?: ReactNode };

export function TextField({ label, hint, ...rest }: Labelled & ComponentProps<"input">) {
  return (
    <Field label={label} hint={hint} name={rest.name}>
      {(attributes) => <input {...attributes} className={css.input} {...rest} />}
    </Field>
  );
}

export function AreaField({ label, hint, ...rest }: Labelled & ComponentProps<"textarea">) {
  return (
    <Field label={label} hint={hint} name={rest.name}>
      {(attributes) => <textarea {...attributes} className={css.input} {...rest} />}
    </Field>
  );
}

export function SelectField({ label, hint, ...rest }: Labelled & ComponentProps<"select">) {
  return (
    <Field label={label} hint={hint} name={rest.name}>
      {(attributes) => <select {...attributes} className={css.input} {...rest} />}
    </Field>
  );
}

/** A select whose name is heard but not shown, for tool bars. */
export function CompactSelect({ label, ...rest }: { label: string } & ComponentProps<"select">) {
  return <select aria-label={label} className={`${css.input} ${css.compact} ${css.auto}`} {...rest} />;
}

export function CheckField({
  label,
  hint,
  ...rest
}: { label: ReactNode; hint?: ReactNode } & ComponentProps<"input">) {
  const id = useId();
  return (
    <label className={css.check}>
      <input type="checkbox" aria-describedby={hint ? id : undefined} {...rest} />
      <span>
        {label}
        {hint ? (
          <span id={id} className={css.hint}>
            {hint}
          </span>
        ) : null}
      </span>
    </label>
  );
}

interface ChoiceProps<V extends string> {
  label: string;
  name: string;
  value: V;
  choices: readonly { value: V; label: string; hint: string }[];
  onChange: (value: V) => void;
}

/** One of a few, each with a word on what it means. */
export function ChoiceField<V extends string>({ label, name, value, choices, onChange }: ChoiceProps<V>) {
  const wrong = useWrong(name);
  return (
    <fieldset className={css.choices}>
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={css.choice}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <span>
            {choice.label}
            <span className={css.hint}>{choice.hint}</span>
          </span>
        </label>
      ))}
      {wrong ? (
        <p role="alert" className={css.error}>
          {wrong}
        </p>
      ) : null}
    </fieldset>
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
