import type { Interval } from "../measure/interval.ts";

/** A generator that uses more of a core than this is what limits the rate, not the server. */
const BUSY = 0.92;
/** Microseconds: later than this, latencies are the generator's own. */
const LATE = 5000;

/** Collects in which measurements the generator, and not the server, was at its limit. */
export class GeneratorWatch {
  readonly #busy = new Map<string, number>();
  readonly #late = new Map<string, number>();

  /** `latenessP99` in microseconds, for loads that keep a schedule. */
  look(what: string, interval: Interval, latenessP99 = 0): void {
    const share = interval.generatorCpu / interval.seconds;
    const serverShare = interval.serverCpu / interval.seconds;
    if (share > BUSY && share > serverShare) raise(this.#busy, what, share);
    if (latenessP99 > LATE) raise(this.#late, what, latenessP99);
  }

  get notes(): readonly string[] {
    const busy = [...this.#busy].map(
      ([what, share]) =>
        `${what}: the load generator used ${Math.round(share * 100)} % of a core and was the bottleneck; ` +
        "rates are its own, figures per second of server CPU stand.",
    );
    const late = [...this.#late].map(
      ([what, micros]) => `${what}: the load generator was up to ${Math.round(micros / 1000)} ms late (P99); latencies include that.`,
    );
    return [...busy, ...late];
  }
}

function raise(map: Map<string, number>, what: string, value: number): void {
  map.set(what, Math.max(value, map.get(what) ?? 0));
}
