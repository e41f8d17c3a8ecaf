// What the hub offers: its API document says which routes it has, and only what it has is shown.

import type { Answer } from "@confab/client";
import { createStore, useStore } from "zustand";
import { api } from "./session";

const offered = createStore<{ routes: ReadonlySet<string> }>(() => ({ routes: new Set() }));

/** Reads the hub's API document. What can't be known is taken as not offered. */
export async function loadOffers(): Promise<void> {
  try {
    const response = await api.send("GET", "/docs/openapi.json");
    const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    offered.setState({ routes: new Set(routes) });
  } catch {
    // The next log-in asks again.
  }
}

/** The routes that the hub has, such as `GET /api/tickets`. */
export function useOffers(): ReadonlySet<string> {
  return useStore(offered, (state) => state.routes);
}

/** Whether the hub has a route. */
export function isOffered(route: string): boolean {
  return offered.getState().routes.has(route);
}

interface Asked {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  idempotencyKey?: string;
  ifMatch?: string;
}

/** A request of a route that is younger than the console. */
export const ask = api.request.bind(api) as unknown as <T>(route: string, asked?: Asked) => Promise<T>;

/** The same, with status and version. */
export const call = api.call.bind(api) as unknown as <T>(route: string, asked?: Asked) => Promise<Answer<T>>;
