/** The opening handshake of RFC 6455, section 4. */

/** The example key of section 1.3 and what a server must answer to it. A load client has no cache to fool. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** An answer's head that is longer than this is none. */
const MAX_HEAD = 8192;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
  readonly subprotocol: string | undefined;
}

export interface Upgrade {
  /** Value of the Host header. */
  readonly host: string;
  readonly path: string;
  readonly subprotocol: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export function upgradeRequest({ host, path, subprotocol, headers = {} }: Upgrade): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${KEY}`,
  ];
  if (subprotocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/**
 * Bytes of the answer's head, or undefined while it is not complete. Throws if the server refused or chose another
 * subprotocol.
 */
export function readUpgradeAnswer(bytes: Uint8Array, subprotocol: string | undefined): number | undefined {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_HEAD));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) {
    if (bytes.length >= MAX_HEAD) throw new Error("the answer to the upgrade has no end");
    return undefined;
  }
  const [status, ...fields] = text.slice(0, end).split("\r\n");
  if (!/^HTTP\/1\.1 101\b/.test(status!)) throw new Error(`the upgrade was refused: ${text.slice(0, 500)}`);
  if (field(fields, "sec-websocket-accept") !== ACCEPT) throw new Error("Sec-WebSocket-Accept is wrong");
  if (field(fields, "sec-websocket-protocol") !== subprotocol)
    throw new Error(`the server chose another subprotocol than ${subprotocol ?? "none"}`);
  return end + 4;
}

function field(fields: readonly string[], name: string): string | undefined {
  const found = fields.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return found?.slice(name.length + 1).trim();
}
