// A file in a conversation: pictures with a preview, all others by name and size.

import { FileText } from "lucide-react";
import { useEffect, useState } from "react";
import { linksOf, sizeWords } from "../hub/attachments";
import type { Attachment, AttachmentLinks } from "../hub/awaited";
import { t } from "../i18n";
import css from "./inbox.module.css";

const WIDEST = 280;
const HIGHEST = 240;

export function AttachmentView({ attachment }: { attachment: Attachment }) {
  const { id, name, media_type, size } = attachment;
  const [links, setLinks] = useState<AttachmentLinks | "failed" | null>(null);
  useEffect(() => {
    let current = true;
    linksOf(id).then(
      (found) => current && setLinks(found),
      () => current && setLinks("failed"),
    );
    return () => {
      current = false;
    };
  }, [id]);
  const url = links && links !== "failed" ? links.url : undefined;
  const preview =
    links && links !== "failed" && media_type.startsWith("image/") ? (links.preview_url ?? links.url) : null;
  const about = `${name}, ${sizeWords(size)}`;
  if (media_type.startsWith("image/") && attachment.width && attachment.height) {
    const scale = Math.min(1, WIDEST / attachment.width, HIGHEST / attachment.height);
    const box = { width: attachment.width * scale, height: attachment.height * scale };
    return (
      <a
        className={css.picture}
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t("Open {name}", { name: about })}
      >
        {preview ? <img src={preview} alt={name} {...box} /> : <span style={box} />}
      </a>
    );
  }
  return (
    <a className={css.file} href={url} download={name} target="_blank" rel="noopener noreferrer">
      <FileText size={22} aria-hidden="true" />
      <span>
        <strong>{name}</strong>
        {links === "failed" ? t("can't be loaded") : sizeWords(size)}
      </span>
    </a>
  );
}
