// Loading for pages: once, page by page, and again when asked; the latest question wins.

import { useCallback, useEffect, useRef, useState } from "react";
import { reasonOf } from "./actions";

export interface Loaded<T> {
  data: T | null;
  /** Why it failed, if it did. */
  failed: string | null;
  loading: boolean;
  reload: () => void;
  /** Puts something else in its place, such as the answer of an edit. */
  put: (data: T) => void;
}

/** Loads something when `key` changes. The loader may be another function each time; the key decides. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; failed: string | null; loading: boolean }>({
    data: null,
    failed: null,
    loading: true,
  });
  const loader = useRef(load);
  loader.current = load;
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the key or the turn asks anew
  useEffect(() => {
    let current = true;
    setState((before) => ({ ...before, loading: true }));
    loader.current().then(
      (data) => current && setState({ data, failed: null, loading: false }),
      (error: unknown) => current && setState({ data: null, failed: reasonOf(error), loading: false }),
    );
    return () => {
      current = false;
    };
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const put = useCallback((data: T) => setState({ data, failed: null, loading: false }), []);
  return { ...state, reload, put };
}

export interface Pages<T> {
  items: T[];
  failed: string | null;
  loading: boolean;
  hasMore: boolean;
  more: () => void;
  reload: () => void;
  /** Changes what is loaded, such as by the answer of an edit. */
  change: (change: (items: T[]) => T[]) => void;
}

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Loads a list page by page; begins anew when `key` changes. */
export function usePages<T>(key: string, load: (cursor: string | undefined) => Promise<Page<T>>): Pages<T> {
  const [items, setItems] = useState<T[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  const asked = useRef(0);
  const fetchPage = useCallback((from: string | undefined) => {
    asked.current += 1;
    const question = asked.current;
    setLoading(true);
    loader.current(from).then(
      (page) => {
        if (question !== asked.current) return;
        setItems((before) => (from ? [...before, ...page.items] : page.items));
        setCursor(page.next_cursor ?? null);
        setFailed(null);
        setLoading(false);
      },
      (error: unknown) => {
        if (question !== asked.current) return;
        setFailed(reasonOf(error));
        setLoading(false);
      },
    );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the key or the turn begins anew
  useEffect(() => fetchPage(undefined), [key, turn, fetchPage]);
  const more = useCallback(() => cursor && fetchPage(cursor), [cursor, fetchPage]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { items, failed, loading, hasMore: cursor !== null, more, reload, change: setItems };
}

/** A value that follows another when it has been still for a while, for searching while one types. */
export function useSettled<T>(value: T, ms = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
