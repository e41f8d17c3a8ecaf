// The emoji of the picker with the words they are found by.

const WORDS = `😀 smile happy grin|😄 laugh happy|😅 sweat relief|😂 joy tears laugh|🙂 slight smile|😉 wink|😊 blush pleased|😍 love eyes
😎 cool sunglasses|🤔 thinking hmm|😐 neutral|😕 confused|🙁 sad frown|😢 cry tear|😭 sob|😠 angry|😮 surprised wow|😬 grimace|😴 sleep|🤗 hug
🙏 thanks please pray|👍 thumbs up yes ok good|👎 thumbs down no bad|👌 ok perfect|👋 wave hello bye|👏 clap bravo|💪 strong|🤝 handshake deal
✌️ peace|🤞 fingers crossed luck|👀 eyes look|🙌 raise hands|❤️ heart love|💚 green heart|💔 broken heart|✨ sparkles|🎉 party celebrate|🎁 gift
🎂 cake birthday|🔥 fire hot|⭐ star|🌟 glow star|💡 idea bulb|⚠️ warning|❗ important|❓ question|✅ done check yes|❌ no cross wrong
➡️ right arrow|⬅️ left arrow|⬆️ up arrow|⬇️ down arrow|🔁 repeat again|🔄 refresh reload|⏳ wait hourglass|⏰ clock alarm|📅 calendar date|📌 pin
📎 attachment paperclip|📄 document page|📁 folder|📧 mail email|📞 phone call|📱 mobile|💻 laptop computer|🖥️ screen desktop|🖨️ printer|🔒 lock secure
🔓 unlock|🔑 key password|🔍 search find|🔧 wrench fix repair|⚙️ gear settings|🐛 bug|🚀 rocket launch|📦 package parcel|🚚 truck delivery|🏠 home house
🏢 office company|🏦 bank|💳 card payment|💰 money|💶 euro refund|🧾 receipt invoice|🛒 cart shop|🛍️ shopping bags|📈 up growth chart|📉 down loss chart
🌍 world globe|✈️ plane travel|🚗 car|☕ coffee|🍕 pizza|🌞 sun|🌧️ rain|❄️ snow|🌈 rainbow|🍀 luck clover`;

export interface Emoji {
  sign: string;
  words: string;
}

export const EMOJI: readonly Emoji[] = WORDS.split(/[|\n]/).map((line) => {
  const space = line.indexOf(" ");
  return { sign: line.slice(0, space), words: line.slice(space + 1) };
});

/** The emoji whose words begin with each word of the query. */
export function findEmoji(query: string): Emoji[] {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
  return EMOJI.filter(({ words }) => {
    const known = words.split(" ");
    return asked.every((word) => known.some((candidate) => candidate.startsWith(word)));
  });
}
