/** A head longer than this is none; a line of a chunk's size, too. */
const MAX_HEAD = 16_384;
const MAX_SIZE_LINE = 1024;

const CR = 13;
const LF = 10;

/** What is done with the parts of responses. `bytes[start..end)` is good only during the call. */
export interface ResponseHandler {
  head(status: number, head: string): void;
  body(bytes: Uint8Array, start: number, end: number): void;
  /** The response is complete; another may follow. */
  done(): void;
}

type State =
  | { readonly at: "head" }
  /** `left` bytes of the body, or of a chunk of it. */
  | { readonly at: "body"; left: number; readonly chunked: boolean }
  | { readonly at: "size" }
  /** After the last chunk: lines until an empty one. */
  | { readonly at: "trailer" }
  /** Without a length: until the connection ends. */
  | { readonly at: "endless" };

/** Responses of HTTP/1.1 (RFC 9112, sections 6 and 7) of one connection, from the chunks of its stream. */
export class ResponseReader {
  #state: State = { at: "head" };

  /** Returns where what is not complete begins. Throws an Error at what is not HTTP. */
  read(bytes: Uint8Array, handler: ResponseHandler): number {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at, handler);
      if (next < 0) return at;
      at = next;
    }
    return at;
  }

  #step(bytes: Uint8Array, at: number, handler: ResponseHandler): number {
    const state = this.#state;
    switch (state.at) {
      case "head":
        return this.#head(bytes, at, handler);
      case "size":
        return this.#size(bytes, at);
      case "trailer":
        return this.#trailer(bytes, at, handler);
      case "endless":
        handler.body(bytes, at, bytes.length);
        return bytes.length;
      case "body":
        return this.#body(state, bytes, at, handler);
    }
  }

  #head(bytes: Uint8Array, at: number, handler: ResponseHandler): number {
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf("\r\n\r\n", at);
    if (end < 0 && bytes.length - at > MAX_HEAD) throw new Error("the head of a response has no end");
    if (end < 0) return -1;
    const head = Buffer.from(bytes.subarray(at, end)).toString("latin1");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`this is no HTTP: ${head.slice(0, 80)}`);
    // An interim response is followed by the real one. [RFC 9110, 15.2]
    if (status < 200) return end + 4;
    handler.head(status, head);
    this.#begin(status, head, handler);
    return end + 4;
  }

  #begin(status: number, head: string, handler: ResponseHandler): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) this.#state = { at: "size" };
    else if (status === 204 || status === 304 || length === "0") handler.done();
    else if (length === undefined) this.#state = { at: "endless" };
    else this.#state = { at: "body", left: Number(length), chunked: false };
  }

  #size(bytes: Uint8Array, at: number): number {
    const end = lineEnd(bytes, at);
    if (end < 0) return -1;
    const text = Buffer.from(bytes.subarray(at, end)).toString("latin1").split(";")[0]!.trim();
    const size = /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
    if (Number.isNaN(size)) throw new Error(`this is no size of a chunk: ${text.slice(0, 20)}`);
    this.#state = size === 0 ? { at: "trailer" } : { at: "body", left: size + 2, chunked: true };
    return end + 2;
  }

  #body(state: State & { readonly at: "body" }, bytes: Uint8Array, at: number, handler: ResponseHandler): number {
    const end = Math.min(bytes.length, at + state.left);
    state.left -= end - at;
    // The line end after a chunk is not of it.
    const own = state.chunked ? Math.min(end, end + state.left - 2) : end;
    if (own > at) handler.body(bytes, at, own);
    if (state.left > 0) return end;
    if (state.chunked) this.#state = { at: "size" };
    else this.#finish(handler);
    return end;
  }

  #trailer(bytes: Uint8Array, at: number, handler: ResponseHandler): number {
    const end = lineEnd(bytes, at);
    if (end === at) this.#finish(handler);
    return end < 0 ? -1 : end + 2;
  }

  #finish(handler: ResponseHandler): void {
    this.#state = { at: "head" };
    handler.done();
  }
}

function lineEnd(bytes: Uint8Array, at: number): number {
  const lf = bytes.indexOf(LF, at);
  if (lf < 0 && bytes.length - at > MAX_SIZE_LINE) throw new Error("a line in a chunked body is too long");
  if (lf < 0) return -1;
  return bytes[lf - 1] === CR && lf > at ? lf - 1 : fault();
}

function fault(): never {
  throw new Error("a line in a chunked body does not end with CR LF");
}
