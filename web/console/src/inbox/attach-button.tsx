// Chooses files to send.

import { Paperclip } from "lucide-react";
import { useRef } from "react";
import { t } from "../i18n";
import { IconButton } from "../ui/button";

export function AttachButton({ busy, onFiles }: { busy: boolean; onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t("Files to attach")}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <IconButton
        small
        label={busy ? t("Sending a file") : t("Attach files")}
        disabled={busy}
        onClick={() => input.current?.click()}
      >
        <Paperclip size={16} aria-hidden="true" />
      </IconButton>
    </>
  );
}
