// Sending a file: with progress, and safe to repeat.
import type { AttachResponse, Problem } from "@confab/protocol";
import type { Client } from "./client";
import { HubError } from "./errors";
import { newId } from "./ids";

const ATTEMPTS = 4;
const RETRY_MS = 1000;

export interface UploadOptions {
  /** The file's name; a `File`'s own unless given. */
  name?: string;
  /** What to say with it. */
  text?: string;
  /** Whether it is for agents only. */
  note?: boolean;
  /** The message's id: the same one never makes a second message. */
  clientId?: string;
  /** Told which share has gone, from 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/** Who sends: a client, or what a client knows of the hub. */
export type Sender = Pick<Client, "api" | "credentials">;

/**
 * Attaches a file to a conversation. Answered when file and message are stored; the message comes as an entry like any
 * other. What may pass is tried again under the same id. Throws {@link HubError}, or what the signal was aborted with.
 */
export async function upload(
  client: Sender,
  conversationId: string,
  file: Blob,
  options: UploadOptions = {},
): Promise<AttachResponse> {
  const { text, note, clientId = newId() } = options;
  const name = options.name ?? (file as Partial<File>).name ?? "file";
  const query = new URLSearchParams({ client_id: clientId, name });
  if (text) query.set("text", text);
  if (note) query.set("note", "true");
  const path = `/api/conversations/${encodeURIComponent(conversationId)}/attachments?${query}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await post(client, path, file, options);
    } catch (error) {
      const again = error instanceof HubError && error.isTransient && attempt < ATTEMPTS;
      if (!again) throw error;
      await pause(error.retryAfterMs ?? RETRY_MS * attempt, options.signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function post(
  client: Sender,
  path: string,
  file: Blob,
  options: UploadOptions,
): Promise<AttachResponse> {
  // Only the older of the two interfaces tells how far it has got.
  if (typeof XMLHttpRequest !== "undefined") return postWithProgress(client, path, file, options);
  const request = {
    body: file as never,
    endless: true,
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const response = await client.api.send("POST", path, request);
  options.onProgress?.(1);
  return (await response.json()) as AttachResponse;
}

function postWithProgress(
  client: Sender,
  path: string,
  file: Blob,
  { onProgress, signal }: UploadOptions,
): Promise<AttachResponse> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const gone = () => reject(new HubError("the upload broke off", { kind: "unreachable" }));
    request.open("POST", client.api.url + path);
    request.setRequestHeader("authorization", `Bearer ${client.credentials.token}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "text";
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total ? loaded / total : 0);
    request.onerror = gone;
    request.ontimeout = gone;
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status < 300 && body) resolve(body as AttachResponse);
      else reject(failure(request.status, body as Partial<Problem> | undefined));
    };
    signal?.addEventListener("abort", () => {
      request.abort();
      reject(signal.reason);
    });
    if (signal?.aborted) reject(signal.reason);
    else request.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(status: number, problem: Partial<Problem> | undefined): HubError {
  if (problem?.code && problem.detail) {
    return new HubError(problem.detail, { kind: "refused", problem: problem as Problem, status });
  }
  return new HubError(`the upload was answered with status ${status}`, { kind: "foreign", status });
}
