import type { Crowd } from "../engine/crowd.ts";
import type { Driver } from "../engine/driver.ts";
import type { Member } from "../engine/member.ts";
import { Template } from "../engine/template.ts";
import { type ResponseHandler, ResponseReader } from "../http/response-reader.ts";
import type { SseSpec } from "../scenario-file/table.ts";
import { MARK_LENGTH, MARK_START } from "../wire/mark.ts";
import { headerLines } from "./http-publish.ts";

const LF = 10;
/** Longest line of an event. */
const MAX_LINE = 16 * 1024 * 1024;

/** A stream of events, and the piece of a line that came without its end. */
interface Stream {
  readonly reader: ResponseReader;
  piece: Uint8Array | undefined;
}

/** Subscribes by Server-Sent Events (WHATWG HTML, 9.2): one topic on each connection. */
export class SseDriver implements Driver {
  readonly acknowledges = false;
  readonly farewell = undefined;
  readonly #crowd: Crowd;
  readonly #path: Template;
  readonly #fields: string;
  readonly #token: string;

  constructor(crowd: Crowd, { path }: SseSpec) {
    const { target } = crowd.around.plan.scenario;
    this.#crowd = crowd;
    // In a query the topic's slashes and wildcards must not be taken for others'.
    this.#path = new Template(path.replaceAll("{topic}", "{escaped}"));
    this.#token = target.token ?? "";
    this.#fields = headerLines(target.headers, target.token);
  }

  begin(member: Member): void {
    const topic = this.#crowd.topicOf(member, 0) ?? "";
    const values = { id: 0, topic, client: member.number, token: this.#token, message: undefined };
    const { host, path: base } = this.#crowd.endpointOf(member);
    const path = `${base === "/" ? "" : base}${Buffer.from(this.#path.render(values)).toString()}`;
    member.memory = { reader: new ResponseReader(), piece: undefined } satisfies Stream;
    member.send(
      Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n${this.#fields}\r\n`),
    );
  }

  read(member: Member, bytes: Uint8Array): number {
    const stream = member.memory as Stream;
    const end = stream.reader.read(bytes, this.#handler(member, stream));
    return member.state === "away" ? bytes.length : end;
  }

  publish(): void {
    throw new Error("Server-Sent Events do not publish");
  }

  heartbeat(): void {
    // The server's comments are the heartbeat.
  }

  #handler(member: Member, stream: Stream): ResponseHandler {
    return {
      head: (status, head) => {
        if (status === 200) this.#crowd.ready(member);
        else member.fail("refused", head.slice(0, 200));
      },
      body: (bytes, start, end) => this.#lines(member, stream, bytes, start, end),
      done: () => member.fail("disconnected", "the stream of events ended"),
    };
  }

  #lines(member: Member, stream: Stream, chunk: Uint8Array, start: number, end: number): void {
    if (member.state !== "ready") return;
    const now = this.#crowd.around.clock.micros();
    const part = chunk.subarray(start, end);
    const bytes = stream.piece === undefined ? part : Buffer.concat([stream.piece, part]);
    let at = 0;
    for (let stop = bytes.indexOf(LF, at); stop >= 0; stop = bytes.indexOf(LF, at)) {
      const mark = bytes.indexOf(MARK_START, at);
      if (mark >= 0 && mark + MARK_LENGTH <= stop && isData(bytes, at)) this.#crowd.delivered(member, bytes, mark, now);
      at = stop + 1;
    }
    stream.piece = at < bytes.length ? bytes.slice(at) : undefined;
    if (bytes.length - at > MAX_LINE) throw new Error("a line of an event has no end");
  }
}

/** `data:` is the field with the message. */
function isData(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x64 && bytes[at + 1] === 0x61 && bytes[at + 2] === 0x74 && bytes[at + 3] === 0x61;
}
