import type { Call } from "./context.ts";
import { refuse } from "./errors.ts";

/** The JSON text of a request's body. Read no further than the limit, whatever length it claims to have. */
export async function jsonBody({
  request,
  context,
}: Call): Promise<{ readonly text: string; readonly value: unknown }> {
  checkHeaders(request.headers);
  const text = utf8(await read(request, context.maxBody));
  if (text.trim() === "") refuse("malformed", "the body is empty; it must be JSON");
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    return refuse("malformed", error instanceof RangeError ? "the body is nested too deeply" : "the body is not JSON");
  }
}

/** A page of another origin can send other types without asking first, so they are refused. */
function checkHeaders(headers: Headers): void {
  const type = headers.get("content-type");
  if (!/^application\/json\s*(;|$)/i.test(type ?? ""))
    refuse(
      "invalid_argument",
      `Content-Type: it must be application/json, ${type === null ? "it is missing" : "it is not"}`,
    );
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity")
    refuse("invalid_argument", "Content-Encoding: compressed bodies are not taken");
}

async function read(request: Request, limit: number): Promise<Uint8Array> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limit) return tooLarge(limit);
  // What says its length cannot be longer, and reading it in one piece costs half.
  if (length !== null && !request.headers.has("transfer-encoding")) return request.bytes();
  return readChunks(request, limit);
}

async function readChunks(request: Request, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > limit) return tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): never {
  return refuse("too_large", `the body has more than ${limit} bytes, the most that is allowed`);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("malformed", "the body is not valid UTF-8");
  }
}
