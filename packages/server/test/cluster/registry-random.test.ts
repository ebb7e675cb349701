import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { HEARTBEAT, LATEST, LEASE, TestCluster, type TestNode } from "./node-bench.ts";

const NODES = 4;

type Step =
  | { readonly kind: "cut" | "cut silently" | "restore" | "kill" | "close"; readonly node: number }
  | { readonly kind: "start" }
  | { readonly kind: "pass"; readonly ms: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("cut" as const, "cut silently" as const, "restore" as const, "restore" as const),
      node: fc.nat(NODES - 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("kill" as const, "close" as const), node: fc.nat(NODES - 1) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("start" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 2 * LEASE }) }),
  },
);

/** A node, and since when it can speak and hear, or cannot. */
interface Seat {
  readonly id: string;
  readonly node: TestNode;
  since: number;
  /** Whether it knew of the cut that it is in, or was in last. */
  noticed: boolean;
  /** Whether it was cut off for so long, before `since`, that others have a whole lease from then on. */
  wasDeaf: boolean;
  /** Cuts that it could not notice: what others said in them is missing, and time went on. */
  readonly blinks: { readonly from: number; readonly to: number }[];
  state: "linked" | "cut" | "gone";
}

class World {
  readonly cluster = new TestCluster();
  readonly seats: Seat[] = [];
  readonly faults: string[] = [];
  #count = 0;

  async start(): Promise<void> {
    const id = `n${++this.#count}`;
    const node = await this.cluster.start(id);
    const seat: Seat = {
      id,
      node,
      since: this.cluster.clock.now(),
      noticed: false,
      wasDeaf: false,
      blinks: [],
      state: "linked",
    };
    node.registry.watch({ joined: () => {}, left: (left, why) => this.#left(seat, left, why) });
    this.seats.push(seat);
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "pass") return this.cluster.clock.advance(step.ms);
    const here = this.seats.filter(({ state }) => state !== "gone");
    if (step.kind === "start") return here.length < NODES ? this.start() : undefined;
    const seat = here[step.node];
    if (seat !== undefined) this.#change(seat, step.kind);
  }

  #change(seat: Seat, kind: "cut" | "cut silently" | "restore" | "kill" | "close"): void {
    const { bus, registry } = seat.node;
    if (kind === "restore") {
      if (seat.state === "cut") this.#mend(seat);
      return bus.restore();
    }
    if (seat.state === "linked") seat.since = this.cluster.clock.now();
    seat.noticed = kind === "cut" || (seat.state === "cut" && seat.noticed);
    seat.state = kind === "kill" || kind === "close" ? "gone" : "cut";
    if (kind === "close") registry.close();
    if (kind !== "kill") return kind === "close" ? undefined : bus.cut({ silently: kind === "cut silently" });
    seat.node.kill();
    // Its process is gone: nothing of it runs on.
    registry.close();
  }

  #mend(seat: Seat): void {
    const now = this.cluster.clock.now();
    // What is shorter and was not noticed does not count.
    seat.wasDeaf = seat.noticed || now - seat.since > 2 * HEARTBEAT;
    if (!seat.wasDeaf) seat.blinks.push({ from: seat.since, to: now });
    seat.since = now;
    seat.state = "linked";
  }

  #left(seat: Seat, id: string, why: string): void {
    const other = this.seats.find((each) => each.id === id);
    const now = this.cluster.clock.now();
    if (why === "stopped" && other?.state !== "gone") this.faults.push(`${seat.id} says that ${id} stopped`);
    if (why !== "lost" || other === undefined) return;
    const { saidAt } = other.node;
    const blink = seat.blinks.find(({ from, to }) => saidAt >= from && saidAt <= to);
    const silence = now - (blink === undefined ? saidAt : blink.from - LATEST);
    if (silence < LEASE) this.faults.push(`${seat.id} lost ${id} after ${silence} ms`);
    if (seat.state === "cut") this.faults.push(`${seat.id} lost ${id} while it was deaf`);
    if (seat.wasDeaf && now - seat.since < LEASE) this.faults.push(`${seat.id} lost ${id} too soon after it was deaf`);
  }

  /** All that are here know one another, and nobody else. */
  settle(): void {
    for (const seat of this.seats) if (seat.state === "cut") this.#change(seat, "restore");
    this.cluster.clock.advance(LEASE + 3 * LATEST);
    const here = this.seats.filter(({ state }) => state === "linked");
    const ids = here.map(({ id }) => id).toSorted();
    for (const { id, node } of here) {
      const known = node.registry.all.map((each) => each.id).toSorted();
      if (known.join() !== ids.join()) this.faults.push(`${id} knows ${known.join()}, there are ${ids.join()}`);
      this.#checkEvents(id, node);
    }
  }

  /** Each comes before it goes, and goes before it comes again. */
  #checkEvents(id: string, { events }: TestNode): void {
    const there = new Set<string>();
    for (const event of events) {
      const [name = ""] = event.slice(1).split(" ");
      if (there.has(name) === event.startsWith("+")) this.faults.push(`${id}: ${events.join("; ")}`);
      if (event.startsWith("+")) there.add(name);
      else there.delete(name);
    }
  }
}

test("ND3 ND5 ND6 ND8 whatever happens to the bus and the nodes, nobody who is heard is lost, and in the end all know one another", async () => {
  const one = fc.asyncProperty(fc.array(STEP, { maxLength: 40 }), async (steps) => {
    const world = new World();
    for (let i = 0; i < NODES; i++) await world.start();
    for (const step of steps) await world.take(step);
    world.settle();
    expect(world.faults).toEqual([]);
  });
  await fc.assert(one, { numRuns: 200 });
}, 20_000);
