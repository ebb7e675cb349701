import { readFile } from "node:fs/promises";
import type { JSONWebKeySet } from "jose";
import type { Clock } from "../clock.ts";

/** A key set with hundreds of keys stays under 1 MB; more is not one. */
const MAX_BYTES = 1024 * 1024;
const MAX_KEYS = 1000;
/** A client waits for this when its key is unknown: longer would be its own time-out. */
const TIMEOUT_MS = 5000;

interface ReaderParts {
  readonly clock: Clock;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** Reads the key set at a URL or path. Rejects with an Error that says what was wrong. */
export function locationReader(location: string, parts: ReaderParts): () => Promise<JSONWebKeySet> {
  const isUrl = /^https?:\/\//i.test(location);
  return async () => parseKeySet(isUrl ? await download(location, parts) : await readFile(location, "utf8"));
}

async function download(url: string, { clock, fetch }: ReaderParts): Promise<string> {
  const abort = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => abort.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  try {
    const response = await fetch(url, { signal: abort.signal, headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await boundedText(response);
  } finally {
    cancel();
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseKeySet(text: string): JSONWebKeySet {
  const parsed: unknown = JSON.parse(text);
  const keys = typeof parsed === "object" && parsed !== null && "keys" in parsed ? parsed.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS)
    throw new Error(`it has no list "keys" of at most ${MAX_KEYS} keys`);
  const objects = keys.filter((key) => typeof key === "object" && key !== null && !Array.isArray(key));
  return { keys: objects as JSONWebKeySet["keys"] };
}
