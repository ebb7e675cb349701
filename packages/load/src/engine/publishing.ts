import type { Crowd } from "./crowd.ts";
import type { Member } from "./member.ts";
import type { StreamSent } from "./orders.ts";

/** What the members of a crowd send: the numbers of their streams, and what waits for an answer. */
export class Publishing {
  readonly #crowd: Crowd;
  /** Numbers of the last messages, and their due moments: entry `member.local * each + k`. */
  readonly #sent: Uint32Array;
  readonly #lastDue: Float64Array;
  readonly #entries = new Map<number, number>();

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    const own = crowd.members.length * (crowd.plan.publishes?.each ?? 0);
    this.#sent = new Uint32Array(own);
    this.#lastDue = new Float64Array(own);
    for (let entry = 0; entry < own; entry++) this.#entries.set(this.#streamOf(entry), entry);
  }

  /** Sends a member's next message, due at the moment. */
  publish(member: Member, due: number): void {
    const { publishes, spec } = this.#crowd.plan;
    if (publishes === undefined || spec.publish === undefined) return;
    const { counters, driver } = this.#crowd;
    counters.attempted += 1;
    if (member.state !== "ready") return counters.error("not connected", `${spec.name} ${member.number}`);
    if (member.full) return counters.error("not read", `${spec.name} ${member.number}: the server reads too slowly`);
    const k = spec.publish.order === "random" ? this.#any(publishes.each) : member.ids % publishes.each;
    const entry = member.local * publishes.each + k;
    const at = member.number * publishes.each + k;
    const number = ++this.#sent[entry]!;
    this.#lastDue[entry] = due;
    const id = ++member.ids;
    if (driver.acknowledges) (member.unanswered ??= new Map()).set(id, due);
    counters.sent += 1;
    const { min, max } = spec.publish.bytes;
    const bytes = min === max ? min : min + Math.floor(this.#crowd.random() * (max - min + 1));
    const topic = this.#crowd.around.plan.topics[publishes.topics[at]!]!.name;
    driver.publish(member, id, topic, { stream: publishes.streams[at]!, number, due, bytes });
  }

  /** False if the answer is to nothing. */
  acked(member: Member, id: number): boolean {
    const { around, counters } = this.#crowd;
    const due = member.unanswered?.get(id);
    if (due === undefined) {
      counters.error("answer", `an answer to ${id}, which waits for none`);
      return false;
    }
    member.unanswered?.delete(id);
    counters.acked += 1;
    const latency = around.clock.micros() - due;
    counters.ack.record(latency);
    if (!around.plan.hears) around.phaseHistogram(due).record(latency);
    return true;
  }

  /** What waits for an answer on a connection that has ended gets none. */
  abandon({ unanswered }: Member): void {
    for (let i = unanswered?.size ?? 0; i > 0; i--)
      this.#crowd.counters.error("unanswered", "the connection ended first");
    unanswered?.clear();
  }

  /** Number of the last message of a stream; undefined if it is of another crowd or agent. */
  sentOf(stream: number): number | undefined {
    const entry = this.#entries.get(stream);
    return entry === undefined ? undefined : this.#sent[entry];
  }

  /** The streams that have sent something. */
  streams(): StreamSent[] {
    const streams: StreamSent[] = [];
    for (const [entry, sent] of this.#sent.entries())
      if (sent > 0) streams.push([this.#streamOf(entry), sent, this.#lastDue[entry]!]);
    return streams;
  }

  unanswered(): number {
    return this.#crowd.members.reduce((sum, member) => sum + (member.unanswered?.size ?? 0), 0);
  }

  #any(count: number): number {
    return Math.floor(this.#crowd.random() * count);
  }

  #streamOf(entry: number): number {
    const { members, plan } = this.#crowd;
    const { publishes } = plan;
    if (publishes === undefined) return 0;
    const member = members[Math.floor(entry / publishes.each)]!;
    return publishes.streams[member.number * publishes.each + (entry % publishes.each)]!;
  }
}
