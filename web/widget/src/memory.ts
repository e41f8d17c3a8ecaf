// What the loader needs to know of an earlier visit, without the rest of the widget.

/** Whether a page that the customer saw before has a chat that may go on. */
export function hasChat(tenantId: string): boolean {
  try {
    const text = localStorage.getItem(`confab.widget.${tenantId}`);
    const memory = JSON.parse(text ?? "{}") as { starting?: unknown; chat?: { conversationId?: string } };
    return memory.starting !== undefined || Boolean(memory.chat?.conversationId);
  } catch {
    return false;
  }
}
