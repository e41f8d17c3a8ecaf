// Saving what was edited: one thing at a time, told when it is done, and why when it was refused.

import { useState } from "react";
import { reasonOf } from "../hub/actions";
import { toast } from "../ui/toasts";

export interface Saving<T> {
  busy: boolean;
  /** Why the last one was refused. */
  error: string | null;
  /** Does the work and says that it is done. */
  run: (work: () => Promise<T>, done: string) => Promise<void>;
}

export function useSaving<T>(onSaved: (saved: T) => void): Saving<T> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (work: () => Promise<T>, done: string) => {
    setBusy(true);
    setError(null);
    try {
      const saved = await work();
      toast(done, { tone: "good" });
      onSaved(saved);
    } catch (refused) {
      setError(reasonOf(refused));
    }
    setBusy(false);
  };
  return { busy, error, run };
}
