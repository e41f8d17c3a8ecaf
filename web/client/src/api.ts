// Requests to the hub's HTTP API: typed by route, problem documents as errors.
import type { Problem, Route, Routes } from "@confab/protocol";
import { HubError } from "./errors";

const REQUEST_LIMIT_MS = 30_000;

export interface ApiOptions {
  /** Where the hub is, such as `https://chat.example`; the page's own origin unless given. */
  url?: string | undefined;
  /** The token that requests bear, asked for at each. */
  token?: (() => string | undefined) | undefined;
  fetch?: typeof fetch | undefined;
  timeoutMs?: number | undefined;
}

type Parts<R extends Route> = (keyof Routes[R]["path"] extends never
  ? { path?: undefined }
  : { path: Routes[R]["path"] }) &
  (Routes[R]["body"] extends undefined ? { body?: undefined } : { body: Routes[R]["body"] });

/** What a request of a route consists of: what the route needs is required. */
export type RequestOptions<R extends Route> = Parts<R> & {
  query?: Routes[R]["query"];
  /** Makes repeating a request that creates or changes something safe. */
  idempotencyKey?: string;
  /** The version that is to be changed, as an ETag. */
  ifMatch?: string;
  /** Another token than usual; `null` for none. */
  token?: string | null;
  /** The answer is a stream without end: only the signal ends it. */
  endless?: boolean;
  signal?: AbortSignal;
};

type Optional<R extends Route> =
  Record<never, never> extends RequestOptions<R>
    ? [options?: RequestOptions<R>]
    : [options: RequestOptions<R>];

/** An answer with what its headers say. */
export interface Answer<T> {
  body: T;
  status: number;
  /** Version of what was answered, to be given back as `ifMatch`. */
  etag: string | null;
}

/** The hub's HTTP API. */
export class Api {
  readonly url: string;
  readonly #options: ApiOptions;

  constructor(options: ApiOptions = {}) {
    const page = typeof location === "undefined" ? "" : location.origin;
    this.url = (options.url || page).replace(/\/+$/, "");
    if (!/^https?:\/\/[^\s/]/.test(this.url)) {
      throw new TypeError(`"${this.url}" is no URL of a hub: write it as https://chat.example`);
    }
    this.#options = options;
  }

  /** Where this hub takes WebSocket connections. */
  get socketUrl(): string {
    return `${this.url.replace(/^http/, "ws")}/ws`;
  }

  /** Makes a request and answers with its body. Throws {@link HubError}. */
  async request<R extends Route>(route: R, ...options: Optional<R>): Promise<Routes[R]["answer"]> {
    return (await this.call(route, ...options)).body;
  }

  /** The same, with status and version. */
  async call<R extends Route>(route: R, ...rest: Optional<R>): Promise<Answer<Routes[R]["answer"]>> {
    const options = (rest[0] ?? {}) as Partial<RequestOptions<Route>>;
    const space = route.indexOf(" ");
    const method = route.slice(0, space);
    const path = route.slice(space + 1).replace(/\{(\w+)\}/g, (_, name: string) => {
      return encodeURIComponent(String((options.path as Record<string, unknown> | undefined)?.[name]));
    });
    const response = await this.send(method, path + query(options.query), options);
    const body = (await read(response)) as Routes[R]["answer"];
    return { body, status: response.status, etag: response.headers.get("etag") };
  }

  /** A request of any path; answers with a successful response, and throws {@link HubError} otherwise. */
  async send(method: string, path: string, options: Partial<RequestOptions<Route>> = {}): Promise<Response> {
    const headers: Record<string, string> = {};
    const token = options.token === undefined ? this.#options.token?.() : options.token;
    if (token) headers.authorization = `Bearer ${token}`;
    if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
    if (options.ifMatch) headers["if-match"] = options.ifMatch;
    // The one cookie of a hub ties a log-in through a provider to the browser that began it.
    const init: RequestInit = { method, headers, cache: "no-store", credentials: "same-origin" };
    const content: unknown = options.body;
    if (content instanceof Blob || content instanceof FormData) init.body = content;
    else if (content !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(content);
    }
    const signals: AbortSignal[] = [];
    if (options.signal) signals.push(options.signal);
    if (!options.endless) signals.push(AbortSignal.timeout(this.#options.timeoutMs ?? REQUEST_LIMIT_MS));
    init.signal = signals.length === 1 ? signals[0] : AbortSignal.any(signals);
    let response: Response;
    try {
      response = await (this.#options.fetch ?? fetch)(this.url + path, init);
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new HubError(`the hub does not answer at ${this.url}`, { kind: "unreachable" }, { cause });
    }
    if (response.ok) return response;
    throw await failure(response);
  }
}

function query(parameters: Record<string, unknown> | undefined): string {
  const pairs = Object.entries(parameters ?? {}).filter(([, value]) => value !== undefined && value !== null);
  if (pairs.length === 0) return "";
  return `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const type = response.headers.get("content-type") ?? "";
  try {
    if (type.includes("json")) return await response.json();
    if (type.startsWith("text/")) return await response.text();
    return await response.blob();
  } catch (cause) {
    throw new HubError("the answer broke off", { kind: "unreachable" }, { cause });
  }
}

async function failure(response: Response): Promise<HubError> {
  const status = response.status;
  try {
    const problem = (await response.json()) as Problem;
    if (typeof problem.code === "string") {
      return new HubError(problem.detail, { kind: "refused", problem, status });
    }
  } catch {
    // No JSON: somebody between the client and the hub answered.
  }
  return new HubError(`${response.url} answered with status ${status}`, { kind: "foreign", status });
}
