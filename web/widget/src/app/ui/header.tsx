// Who one talks to, and what one can set.
import { Avatar } from "./avatar";
import { Icon } from "./icons";
import { Menu } from "./menu";
import type { Context } from "./window";

export function Header({ close, ...context }: Context & { close(): void }) {
  const { snapshot, options, session, texts } = context;
  const { agent, chat, site } = snapshot;
  const here = chat?.present.some(({ id }) => id === agent?.id) ?? false;
  return (
    <div class="header">
      {agent ? <Avatar name={agent.name} here={here} picture={session.pictureOf(agent.id)} /> : null}
      <div class="who">
        <h2>{agent?.name ?? (options.title || site?.widget.title || texts.title)}</h2>
        {agent && !chat?.ended ? <p>{here ? texts.online : texts.away}</p> : null}
      </div>
      <Menu {...context} />
      <button type="button" class="tool" aria-label={texts.closeWindow} onClick={close}>
        <Icon name="down" />
      </button>
    </div>
  );
}
