// Texts that depend on a number, in English; the other languages have the same names with the forms that they need.

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export const english = {
  tickets: { one: "Changed {n} ticket", other: "Changed {n} tickets" },
  labelTickets: { one: "Label {n} ticket", other: "Label {n} tickets" },
  answers: { one: "{n} answer", other: "{n} answers" },
  inAnswers: { one: "in {n} answer", other: "in {n} answers" },
  tooMany: { one: "{n} character too many", other: "{n} characters too many" },
} satisfies Record<string, Forms>;

export type Plural = keyof typeof english;
export type Plurals = Record<Plural, Forms>;
