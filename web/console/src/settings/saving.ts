// Saving what was edited: one thing at a time, told when it is done, and why when it was refused.

import { useState } from "react";
import { type Beginnings, type Refusal, refusalOf } from "../hub/refusal";
import { toast } from "../ui/toasts";

export interface Saving<T> {
  busy: boolean;
  /** Why the last one was refused. */
  error: string | null;
  /** The same, with the field that it is about. */
  refusal: Refusal | null;
  /** Does the work and says that it is done; answers with why it was refused, if it was. */
  run: (work: () => Promise<T>, done: string) => Promise<Refusal | null>;
}

/** `beginnings` tells the fields of sentences that don't begin with the field's name. */
export function useSaving<T>(onSaved: (saved: T) => void, beginnings?: Beginnings): Saving<T> {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const run = async (work: () => Promise<T>, done: string) => {
    setBusy(true);
    setRefusal(null);
    let refused: Refusal | null = null;
    try {
      const saved = await work();
      toast(done, { tone: "good" });
      onSaved(saved);
    } catch (error) {
      refused = refusalOf(error, beginnings);
      setRefusal(refused);
    }
    setBusy(false);
    return refused;
  };
  return { busy, error: refusal?.reason ?? null, refusal, run };
}
