// Files on their way: how far they are, and what to do with those that don't go.
import { Icon } from "./icons";
import type { Context } from "./window";

export function Uploads({ session, snapshot, texts }: Context) {
  const { files, client } = session;
  const { conversationId } = snapshot;
  if (files.outgoing.length === 0) return null;
  return (
    <ul class="uploads">
      {files.outgoing.map((outgoing) => (
        <li key={outgoing.id} data-failed={outgoing.problem !== undefined}>
          <span class="upload-name">{outgoing.file.name}</span>
          {outgoing.problem ? (
            <>
              <span class="problem" role="alert">
                {outgoing.problem}
              </span>
              <button
                type="button"
                class="link"
                onClick={() => client && conversationId && files.retry(client, conversationId, outgoing)}
              >
                {texts.retry}
              </button>
            </>
          ) : (
            <progress value={outgoing.share} aria-label={`${texts.uploading} ${outgoing.file.name}`} />
          )}
          <button
            type="button"
            class="tool"
            aria-label={`${texts.cancel}: ${outgoing.file.name}`}
            onClick={() => files.discard(outgoing.id)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
