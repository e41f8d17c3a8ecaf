// What the person may do with a conversation, as the hub's permissions have it: its agent, or somebody who leads.

import { leads, type Me } from "../hub/desk";
import type { Conversation } from "../hub/types";

export interface Permitted {
  accept: boolean;
  /** Take over from the colleague who has it. */
  assignToMe: boolean;
  transfer: boolean;
  requeue: boolean;
  close: boolean;
  reopen: boolean;
  write: boolean;
}

export function permitted(conversation: Conversation, me: Me): Permitted {
  const own = conversation.agent?.id === me.id;
  const may = own || leads(me.role);
  const { status } = conversation;
  return {
    accept: status === "waiting",
    assignToMe: status === "active" && !own && leads(me.role),
    transfer: status === "active" && may,
    requeue: status === "active" && may,
    close: status !== "closed" && may,
    reopen: status === "closed" && may,
    write: status !== "closed",
  };
}
