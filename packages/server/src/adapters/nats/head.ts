import type { Msg, MsgHdrs } from "@nats-io/transport-node";

/**
 * Headers of NATS, written and read as text. The library's own are a map of lists, with names brought to one
 * form, which every message would pay for. It only ever asks the headers of a publish to encode themselves.
 */
export function encodeHead(fields: readonly (readonly [name: string, value: string | number])[]): MsgHdrs {
  let text = "NATS/1.0\r\n";
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
  const bytes = encoder.encode(`${text}\r\n`);
  return { encode: () => bytes } as unknown as MsgHdrs;
}

/** What the library holds of a message before it makes headers of it. */
interface Received {
  readonly _rdata?: Uint8Array;
  readonly _msg?: { readonly hdr: number };
}

/** The headers of a message that came. No value has a line break: it would have ended there. */
export class Head {
  /** The status of an answer; 0: it is a message. */
  readonly code: number;
  readonly #text: string;

  constructor(message: Msg) {
    const { _rdata: bytes, _msg: frame } = message as unknown as Received;
    this.#text = bytes === undefined || frame === undefined ? textOf(message) : decode(bytes, frame.hdr);
    this.code = this.#text.charCodeAt(STATUS - 1) === SPACE ? Number(this.#text.slice(STATUS, STATUS + 3)) : 0;
  }

  /** Empty if there is none. */
  get(name: string): string {
    const start = this.#text.indexOf(`\r\n${name}:`);
    if (start < 0) return "";
    const from = start + name.length + 3;
    return this.#text.slice(from, this.#text.indexOf("\r\n", from)).trim();
  }

  /** What the server says beside the status. */
  get description(): string {
    return this.#text.slice(STATUS + 3, this.#text.indexOf("\r\n")).trim();
  }
}

function decode(bytes: Uint8Array, length: number): string {
  return length <= 0 ? "" : decoder.decode(bytes.subarray(0, length));
}

/** Should the library hold it in another way one day. */
function textOf({ headers }: Msg): string {
  if (headers === undefined) return "";
  const fields = [...headers].map(([name, values]) => `${name}: ${values[0] ?? ""}\r\n`);
  const status = headers.code > 0 ? ` ${headers.code} ${headers.description}` : "";
  return `NATS/1.0${status}\r\n${fields.join("")}\r\n`;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Where the status stands, if there is one: `NATS/1.0 204 EOB`. */
const STATUS = "NATS/1.0 ".length;
const SPACE = 32;
