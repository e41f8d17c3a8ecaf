// The place in the queue, and how long it will take.
import { Icon } from "./icons";
import type { Context } from "./window";

export function Queue({ snapshot, texts }: Context) {
  const { agent, chat, queue, expired, phase } = snapshot;
  const waiting = phase === "chat" && !agent && !expired && chat?.ended === false;
  return (
    <div class="queue" role="status" data-shown={waiting}>
      {waiting ? (
        <>
          <Icon name="clock" />
          <div>
            <strong>{queue ? texts.position(queue.position) : texts.waiting}</strong>
            {queue?.estimatedWaitSeconds !== undefined ? (
              <p>{texts.wait(Math.ceil(queue.estimatedWaitSeconds / 60))}</p>
            ) : null}
          </div>
        </>
      ) : null}
    </div>
  );
}
