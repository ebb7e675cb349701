import type { Crowd } from "../engine/crowd.ts";
import type { Driver } from "../engine/driver.ts";
import type { Member } from "../engine/member.ts";
import { type Message, Template } from "../engine/template.ts";
import { type ResponseHandler, ResponseReader } from "../http/response-reader.ts";
import type { HttpSpec } from "../scenario-file/table.ts";
import { Scratch } from "./scratch.ts";

/** Messages that wait for their connection at most: the schedule goes on while the server answers slowly. */
const MAX_WAITING = 10_000;

interface Call {
  readonly id: number;
  readonly topic: string;
  readonly message: Message;
}

/** What a member must remember: one call is under way, others wait for it. */
interface Calls {
  reader: ResponseReader;
  /** Whether there is a connection, or one is being made. */
  connection: "none" | "coming" | "there";
  readonly waiting: Call[];
  current: Call | undefined;
  status: number;
  text: string;
  close: boolean;
}

/**
 * Publishes by HTTP requests, one at a time on each connection. With `http.close`, or where the server closes, each call
 * has a connection of its own, and its latency includes making it.
 */
export class HttpPublishDriver implements Driver {
  readonly acknowledges = true;
  readonly farewell = undefined;
  readonly #crowd: Crowd;
  readonly #spec: HttpSpec;
  readonly #path: Template;
  readonly #body: Template;
  readonly #fields: string;
  readonly #token: string;
  readonly #scratch = new Scratch();

  constructor(crowd: Crowd, spec: HttpSpec) {
    const { target } = crowd.around.plan.scenario;
    this.#crowd = crowd;
    this.#spec = spec;
    this.#path = new Template(spec.path);
    this.#body = new Template(spec.body);
    this.#token = target.token ?? "";
    this.#fields = headerLines(target.headers, target.token);
  }

  begin(member: Member): void {
    const calls = (member.memory ??= fresh()) as Calls;
    calls.reader = new ResponseReader();
    calls.connection = "there";
    if (member.state === "connecting") this.#crowd.ready(member);
    this.#next(member, calls);
  }

  read(member: Member, bytes: Uint8Array): number {
    const calls = member.memory as Calls;
    return calls.reader.read(bytes, this.#handler(member, calls));
  }

  publish(member: Member, id: number, topic: string, message: Message): void {
    const calls = member.memory as Calls;
    if (calls.waiting.length >= MAX_WAITING)
      return this.#crowd.refused(member, "overrun", `${MAX_WAITING} calls wait for an answer`, id);
    calls.waiting.push({ id, topic, message });
    this.#next(member, calls);
  }

  heartbeat(): void {
    // A connection of HTTP/1.1 has none.
  }

  #next(member: Member, calls: Calls): void {
    if (calls.current !== undefined || member.state !== "ready" || calls.waiting.length === 0) return;
    if (calls.connection !== "there") return this.#dial(member, calls);
    const call = calls.waiting.shift()!;
    calls.current = call;
    member.send(this.#request(member, call));
  }

  #dial(member: Member, calls: Calls): void {
    if (calls.connection === "coming") return;
    calls.connection = "coming";
    this.#crowd.dial(member);
  }

  #request(member: Member, { id, topic, message }: Call): Uint8Array {
    const values = { id, topic, client: member.number, token: this.#token, message };
    const text = (template: Template): string => Buffer.from(this.#scratch.plain(template, values)).toString();
    const { host, path: base } = this.#crowd.endpointOf(member);
    const path = `${base === "/" ? "" : base}${text(this.#path)}`;
    const body = this.#spec.method === "GET" ? "" : text(this.#body);
    const head = [`${this.#spec.method} ${path} HTTP/1.1`, `Host: ${host}`];
    if (body !== "") head.push(`Content-Type: ${this.#spec.contentType}`, `Content-Length: ${Buffer.byteLength(body)}`);
    if (this.#spec.close) head.push("Connection: close");
    return Buffer.from(`${head.join("\r\n")}\r\n${this.#fields}\r\n${body}`);
  }

  #handler(member: Member, calls: Calls): ResponseHandler {
    return {
      head: (status, head) => {
        calls.status = status;
        calls.text = "";
        calls.close = /\r\nconnection: *close/i.test(head);
      },
      body: (bytes, start, end) => {
        if (calls.text.length < 300) calls.text += Buffer.from(bytes.subarray(start, end)).toString();
      },
      done: () => this.#answered(member, calls),
    };
  }

  #answered(member: Member, calls: Calls): void {
    const call = calls.current;
    if (call === undefined) throw new Error("an answer to nothing");
    calls.current = undefined;
    if (calls.close || this.#spec.close) {
      calls.connection = "none";
      member.release();
    }
    const { status, text } = calls;
    if (status >= 200 && status < 300) this.#crowd.acked(member, call.id);
    else this.#crowd.refused(member, `status ${status}`, text.slice(0, 300), call.id);
    this.#next(member, calls);
  }
}

function fresh(): Calls {
  return {
    reader: new ResponseReader(),
    connection: "there",
    waiting: [],
    current: undefined,
    status: 0,
    text: "",
    close: false,
  };
}

/** The scenario's headers, and the token as a bearer if they have none. */
export function headerLines(headers: Readonly<Record<string, string>>, token: string | undefined): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const own = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  return lines.join("") + (own || token === undefined ? "" : `Authorization: Bearer ${token}\r\n`);
}
