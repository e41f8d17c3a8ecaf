// The whole chat as a text to keep.
import { isMessage } from "@confab/client";
import { stepText, textOf } from "./steps";
import type { Context } from "./ui/window";

/** Reads what is not here yet, and hands the browser a file. */
export async function download(context: Context): Promise<void> {
  const { conversation } = context.session;
  if (!conversation) return;
  while (conversation.snapshot().hasOlder) await conversation.loadOlder();
  const text = transcript(context, conversation.snapshot().messages);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = `chat-${new Date().toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** One line a message: when, who, what. */
export function transcript(
  { texts, locale }: Pick<Context, "texts" | "locale">,
  messages: NonNullable<Context["snapshot"]["chat"]>["messages"],
): string {
  const when = new Intl.DateTimeFormat(locale.tag, { dateStyle: "medium", timeStyle: "short" });
  const lines = messages.flatMap((message) => {
    const time = when.format(message.at);
    if (isMessage(message)) {
      return [`[${time}] ${message.mine ? texts.you : message.author.name}: ${textOf(message)}`];
    }
    const step = stepText(message, texts);
    return step ? [`[${time}] ${step}`] : [];
  });
  return `${lines.join("\n")}\n`;
}
