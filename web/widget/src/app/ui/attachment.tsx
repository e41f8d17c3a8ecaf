// A file in the log: pictures as such, everything else by name and size.
import type { Attachment, AttachmentLinks } from "@confab/protocol";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons";
import type { Context } from "./window";

/** Largest side of a picture in the log, in pixels. */
const SIDE = 240;

export function AttachmentView({
  attachment,
  session,
  locale,
}: { attachment: Attachment } & Pick<Context, "session" | "locale">) {
  const [links, setLinks] = useState<AttachmentLinks>();
  const [broken, setBroken] = useState(false);
  const { client, files } = session;

  useEffect(() => {
    let gone = false;
    if (client) {
      files.links(client, attachment).then(
        (found) => !gone && setLinks(found),
        () => {},
      );
    }
    return () => {
      gone = true;
    };
  }, [attachment.id, client]);

  const { name, width, height } = attachment;
  const picture = links?.preview_url && !broken ? links.preview_url : undefined;
  if (width && height && !broken) {
    const scale = Math.min(1, SIDE / Math.max(width, height));
    return (
      <a class="picture" href={links?.url} target="_blank" rel="noopener noreferrer" aria-label={name}>
        <img
          src={picture}
          alt={name}
          width={Math.round(width * scale)}
          height={Math.round(height * scale)}
          onError={() => picture && setBroken(true)}
        />
      </a>
    );
  }
  return (
    <a class="file" href={links?.url} target="_blank" rel="noopener noreferrer" dir="auto">
      <Icon name="file" />
      <span>
        <strong>{name}</strong>
        <small>{sizeOf(attachment.size, locale.tag)}</small>
      </span>
    </a>
  );
}

/** A size as people say it. */
export function sizeOf(bytes: number, tag: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const format = {
    style: "unit",
    unit: units[unit] ?? "byte",
    maximumFractionDigits: size < 10 && unit > 0 ? 1 : 0,
  } as const;
  return new Intl.NumberFormat(tag, format).format(size);
}
