// What follows the end of a chat.
import { download } from "../transcript";
import type { Context } from "./window";

export function Ended(context: Context) {
  const { session, snapshot, texts } = context;
  return (
    <div class="ended">
      <p>{snapshot.expired ? texts.expired : texts.ended}</p>
      <button type="button" class="primary" data-first onClick={() => session.renew()}>
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
