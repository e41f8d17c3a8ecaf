// Buttons. An icon alone always carries a name, shown as a tooltip with its shortcut.

import * as Ariakit from "@ariakit/react";
import type { ComponentProps, ReactNode } from "react";
import css from "./ui.module.css";

type Look = "primary" | "plain" | "quiet" | "danger";

export interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  small?: boolean;
}

/** The classes of a button, for links and library parts that look like one. */
export function buttonClass(look: Look = "plain", small = false, icon = false): string {
  return [css.button, css[look], small && css.small, icon && css.icon].filter(Boolean).join(" ");
}

export function Button({ look = "plain", small = false, className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={`${buttonClass(look, small)} ${className ?? ""}`} {...rest} />;
}

export interface IconButtonProps extends Omit<ButtonProps, "children"> {
  label: string;
  keys?: string;
  children: ReactNode;
}

export function IconButton({
  label,
  keys,
  look = "quiet",
  small = false,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tip label={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        className={`${buttonClass(look, small, true)} ${className ?? ""}`}
        {...rest}
      />
    </Tip>
  );
}

/** A tooltip around one element that has its own accessible name. */
export function Tip({
  label,
  keys,
  children,
}: {
  label: string;
  keys?: string;
  children: React.ReactElement;
}) {
  return (
    <Ariakit.TooltipProvider timeout={500} hideTimeout={0}>
      <Ariakit.TooltipAnchor render={children} />
      <Ariakit.Tooltip gutter={6} className={css.tooltip}>
        {label}
        {keys ? <kbd>{keys}</kbd> : null}
      </Ariakit.Tooltip>
    </Ariakit.TooltipProvider>
  );
}
