// A question before something that can't be taken back.

import { t } from "../i18n";
import { buttonClass } from "./button";
import { Dialog } from "./dialog";

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  onClose: () => void;
  onConfirm: () => void;
}

export function Confirm({ title, text, action, onClose, onConfirm }: ConfirmProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <>
          <button type="button" className={buttonClass("plain")} onClick={onClose}>
            {t("Cancel")}
          </button>
          <button
            type="button"
            className={buttonClass("danger")}
            onClick={() => {
              onClose();
              onConfirm();
            }}
          >
            {action}
          </button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}
