import type { Crowd } from "../engine/crowd.ts";
import type { Driver } from "../engine/driver.ts";
import type { Member } from "../engine/member.ts";
import { Pattern } from "../engine/pattern.ts";
import { FIRST_ID, SETUP_ID, type Message, Template } from "../engine/template.ts";
import { type FrameHandler, readFrame } from "../websocket/frame-reader.ts";
import { clientFrame, OPCODE } from "../websocket/frame.ts";
import { readUpgradeAnswer, upgradeRequest } from "../websocket/handshake.ts";
import type { WebsocketSpec } from "../scenario-file/table.ts";
import { MARK_START } from "../wire/mark.ts";
import { Scratch } from "./scratch.ts";

/** A step of setting up: a frame to send, and the one to wait for. */
interface Step {
  readonly send: Template | undefined;
  readonly expect: Pattern | undefined;
}

const NEWLINE = 10;

/** Any server that speaks text over WebSocket, by the templates and patterns of the scenario. */
export class WebsocketDriver implements Driver, FrameHandler {
  readonly acknowledges: boolean;
  readonly farewell = clientFrame(OPCODE.close, Uint8Array.of(1000 >> 8, 1000 & 0xff));
  readonly #crowd: Crowd;
  readonly #spec: WebsocketSpec;
  readonly #connect: readonly Step[];
  readonly #subscribe: Step | undefined;
  readonly #publish: Template | undefined;
  readonly #ack: Pattern | undefined;
  readonly #delivery: Pattern;
  readonly #errors: readonly Pattern[];
  readonly #answers: readonly { readonly match: Pattern; readonly send: Template }[];
  readonly #heartbeat: Template | undefined;
  readonly #scratch = new Scratch();
  readonly #token: string;
  readonly #headers: Readonly<Record<string, string>>;
  /** Whose bytes are being read, and since when. */
  #member: Member | undefined;
  #now = 0;

  constructor(crowd: Crowd, spec: WebsocketSpec) {
    const { target } = crowd.around.plan.scenario;
    this.#crowd = crowd;
    this.#spec = spec;
    this.#token = target.token ?? "";
    this.#headers = target.headers;
    this.#connect = spec.connect.map(stepOf);
    this.#subscribe = spec.subscribe === undefined ? undefined : stepOf(spec.subscribe);
    this.#publish = optional(spec.publish?.send, Template);
    this.#ack = optional(spec.publish?.expect, Pattern);
    this.#delivery = new Pattern(spec.delivery);
    this.#errors = spec.error.map((text) => new Pattern(text));
    this.#answers = spec.answers.map(({ match, send }) => ({ match: new Pattern(match), send: new Template(send) }));
    this.#heartbeat = optional(spec.heartbeat, Template);
    this.acknowledges = this.#ack !== undefined;
  }

  begin(member: Member): void {
    const { host, path } = this.#crowd.endpointOf(member);
    member.send(
      Buffer.from(upgradeRequest({ host, path, subprotocol: this.#spec.subprotocol, headers: this.#headers })),
    );
  }

  read(member: Member, bytes: Uint8Array): number {
    this.#member = member;
    this.#now = this.#crowd.around.clock.micros();
    let at = 0;
    if (member.step === 0) {
      const head = readUpgradeAnswer(bytes, this.#spec.subprotocol);
      if (head === undefined) return 0;
      at = head;
      this.#go(member);
    }
    while (at < bytes.length) {
      const next = readFrame(bytes, at, this);
      if (next < 0) return at;
      // It may have been closed by what it read: the rest is of no interest.
      if (member.state === "away") return bytes.length;
      at = next;
    }
    return at;
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    const member = this.#member!;
    if (this.#spec.split === "none") return this.#one(member, bytes, start, end);
    let at = start;
    while (at < end) {
      let stop = bytes.indexOf(NEWLINE, at);
      if (stop < 0 || stop > end) stop = end;
      if (stop > at) this.#one(member, bytes, at, stop);
      at = stop + 1;
    }
  }

  control(opcode: number, payload: Uint8Array): void {
    if (opcode === OPCODE.ping) this.#member!.send(clientFrame(OPCODE.pong, payload));
    if (opcode === OPCODE.close) this.#member!.fail("closed", closeText(payload));
  }

  publish(member: Member, id: number, topic: string, message: Message): void {
    if (this.#publish === undefined) return;
    const values = { id: FIRST_ID + id, topic, client: member.number, token: this.#token, message };
    member.send(this.#scratch.textFrame(this.#publish, values));
  }

  heartbeat(member: Member): void {
    if (this.#heartbeat === undefined) member.send(clientFrame(OPCODE.ping, new Uint8Array(0)));
    else this.#sendTo(member, this.#heartbeat, "");
  }

  #one(member: Member, bytes: Uint8Array, start: number, end: number): void {
    if (member.state !== "ready" && this.#expected(member)?.matches(bytes, start, end) === true)
      return this.#go(member);
    if (this.#ack?.matches(bytes, start, end) === true && isPublish(this.#ack.id))
      return this.#crowd.acked(member, this.#ack.id - FIRST_ID);
    if (this.#delivery.matches(bytes, start, end)) {
      const mark = bytes.indexOf(MARK_START, start);
      if (mark >= start && mark < end) return this.#crowd.delivered(member, bytes, mark, this.#now, this.#delivery.id);
    }
    for (const { match, send } of this.#answers)
      if (match.matches(bytes, start, end)) return this.#sendTo(member, send, "");
    for (const pattern of this.#errors)
      if (pattern.matches(bytes, start, end)) return this.#refused(member, pattern, bytes.subarray(start, end));
  }

  #refused(member: Member, { id }: Pattern, bytes: Uint8Array): void {
    const text = new TextDecoder().decode(bytes.subarray(0, 300));
    if (member.state !== "ready") return member.fail("refused", text);
    this.#crowd.refused(member, "server", text, isPublish(id) ? id - FIRST_ID : undefined);
  }

  /** Does the next steps until one has to wait. */
  #go(member: Member): void {
    for (;;) {
      member.step += 1;
      const topic = this.#topicAt(member);
      const step = this.#stepAt(member.step);
      if (step === undefined || (topic === undefined && member.step > this.#connect.length)) {
        this.#crowd.ready(member);
        return;
      }
      if (step.send !== undefined) this.#sendTo(member, step.send, topic ?? "");
      if (step.expect !== undefined) return;
    }
  }

  #expected(member: Member): Pattern | undefined {
    return member.step === 0 ? undefined : this.#stepAt(member.step)?.expect;
  }

  #stepAt(step: number): Step | undefined {
    return step <= this.#connect.length ? this.#connect[step - 1] : this.#subscribe;
  }

  #topicAt(member: Member): string | undefined {
    const k = member.step - 1 - this.#connect.length;
    return k < 0 ? undefined : this.#crowd.topicOf(member, k);
  }

  #sendTo(member: Member, template: Template, topic: string): void {
    const values = { id: SETUP_ID + member.step, topic, client: member.number, token: this.#token, message: undefined };
    member.send(this.#scratch.textFrame(template, values));
  }
}

function isPublish(id: number): boolean {
  return id > FIRST_ID && id < SETUP_ID;
}

function stepOf({ send, expect }: { readonly send: string | undefined; readonly expect: string | undefined }): Step {
  return { send: optional(send, Template), expect: optional(expect, Pattern) };
}

function optional<T>(text: string | undefined, make: new (text: string) => T): T | undefined {
  return text === undefined ? undefined : new make(text);
}

function closeText(payload: Uint8Array): string {
  if (payload.length < 2) return "the server closed without a code";
  return `the server closed: ${(payload[0]! << 8) | payload[1]!} ${new TextDecoder().decode(payload.subarray(2))}`.trim();
}
