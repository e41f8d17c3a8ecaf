// What follows the end of a chat.
import { download } from "../transcript";
import { Survey } from "./survey";
import type { Context } from "./window";

export function Ended(context: Context) {
  const { session, snapshot, texts } = context;
  return (
    <div class="ended">
      <p>{snapshot.expired ? texts.expired : texts.ended}</p>
      {snapshot.expired ? null : <Survey {...context} />}
      <button
        type="button"
        class={snapshot.rated === false && !snapshot.expired ? "secondary" : "primary"}
        data-first
        onClick={() => session.renew()}
      >
        {texts.again}
      </button>
      {snapshot.expired ? null : (
        <button type="button" class="link" onClick={() => void download(context)}>
          {texts.transcript}
        </button>
      )}
    </div>
  );
}
