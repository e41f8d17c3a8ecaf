// A modal dialog: traps the focus, closes on Escape, gives the focus back.

import * as Ariakit from "@ariakit/react";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../i18n";
import { buttonClass } from "./button";
import css from "./ui.module.css";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  wide?: boolean;
  children: ReactNode;
  footer?: ReactNode;
}

export function Dialog({ open, onClose, title, wide = false, children, footer }: DialogProps) {
  return (
    <Ariakit.Dialog
      open={open}
      onClose={onClose}
      unmountOnHide
      backdrop={<div className={css.backdrop} />}
      className={`${css.dialog} ${wide ? css.wide : ""}`}
    >
      <div className={css.dialogHead}>
        {/* biome-ignore lint/a11y/useHeadingContent: the title is put into it */}
        <Ariakit.DialogHeading render={<h2 />}>{title}</Ariakit.DialogHeading>
        <Ariakit.DialogDismiss className={buttonClass("quiet", false, true)} aria-label={t("Close")}>
          <X size={18} aria-hidden="true" />
        </Ariakit.DialogDismiss>
      </div>
      <div className={css.dialogBody}>{children}</div>
      {footer ? <div className={css.dialogFoot}>{footer}</div> : null}
    </Ariakit.Dialog>
  );
}

/** A form in a dialog, with its answer at the foot. */
export function FormDialog(
  props: Omit<DialogProps, "footer"> & {
    onSubmit: () => void;
    busy?: boolean;
    action: string;
    error?: string | null;
  },
) {
  const { onSubmit, busy = false, action, error, children, ...rest } = props;
  return (
    <Dialog
      {...rest}
      footer={
        <>
          <button type="button" className={buttonClass("plain")} onClick={rest.onClose}>
            {t("Cancel")}
          </button>
          <button type="submit" form="dialog-form" className={buttonClass("primary")} disabled={busy}>
            {action}
          </button>
        </>
      }
    >
      <form
        id="dialog-form"
        className={css.field}
        style={{ gap: 16 }}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        {error ? (
          <p role="alert" className={css.error}>
            {error}
          </p>
        ) : null}
      </form>
    </Dialog>
  );
}
