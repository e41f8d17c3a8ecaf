// What can go wrong between a client and the hub.
import type { ErrorCode, Problem } from "@confab/protocol";

/** How a request failed. */
export type Failure =
  /** The hub answered with a problem document. */
  | { kind: "refused"; problem: Problem; status: number }
  /** Nobody answered, or not in time. */
  | { kind: "unreachable" }
  /** Somebody answered who is no hub. */
  | { kind: "foreign"; status: number };

/** A request that failed. */
export class HubError extends Error {
  override readonly name = "HubError";

  constructor(
    message: string,
    readonly failure: Failure,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** The hub's code, when it gave one. */
  get code(): ErrorCode | undefined {
    return this.failure.kind === "refused" ? this.failure.problem.code : undefined;
  }

  /** When the hub wants the request again, in milliseconds. */
  get retryAfterMs(): number | undefined {
    return this.failure.kind === "refused" ? (this.failure.problem.retry_after_ms ?? undefined) : undefined;
  }

  /** Whether the same request may succeed later. */
  get isTransient(): boolean {
    switch (this.failure.kind) {
      case "unreachable":
        return true;
      case "foreign":
        return this.failure.status >= 500;
      case "refused":
        return ["rate_limited", "unavailable", "timeout", "internal"].includes(this.failure.problem.code);
    }
  }

  /** Whether the hub no longer, or never, took the token. */
  get isAboutToken(): boolean {
    return this.code === "unauthenticated" || this.code === "token_expired";
  }
}
