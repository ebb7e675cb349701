import type { Interval } from "../measure/interval.ts";

/** A generator that uses more of a core than this is what limits the rate, not the server. */
const BUSY = 0.92;
/** Microseconds: later than this, latencies are the generator's own. */
const LATE = 5000;
/** Share of a core that other processes may take before the reader is told. */
const DISTURBED = 0.2;

/** Collects in which measurements something else than the server was the limit: the generator, or other processes. */
export class Watch {
  readonly #busy = new Map<string, number>();
  readonly #late = new Map<string, number>();
  #others = 0;

  /** `latenessP99` in microseconds, for loads that keep a schedule. */
  look(what: string, interval: Interval, latenessP99 = 0): void {
    const share = interval.generatorCpu / interval.seconds;
    const serverShare = interval.serverCpu / interval.seconds;
    if (share > BUSY && share > serverShare) raise(this.#busy, what, share);
    this.#others = Math.max(
      this.#others,
      (interval.machineCpu - interval.serverCpu - interval.generatorCpu) / interval.seconds,
    );
    if (latenessP99 > LATE) raise(this.#late, what, latenessP99);
  }

  get notes(): readonly string[] {
    const busy = [...this.#busy].map(
      ([what, share]) =>
        `${what}: the load generator used ${Math.round(share * 100)} % of a core and was the bottleneck; ` +
        "rates are its own, figures per second of server CPU stand.",
    );
    const late = [...this.#late].map(
      ([what, micros]) =>
        `${what}: the load generator was up to ${Math.round(micros / 1000)} ms late (P99); latencies include that.`,
    );
    const others = `Other processes used up to ${Math.round(this.#others * 100)} % of a core: measure again on a quiet machine.`;
    return [...busy, ...late, ...(this.#others > DISTURBED ? [others] : [])];
  }
}

function raise(map: Map<string, number>, what: string, value: number): void {
  map.set(what, Math.max(value, map.get(what) ?? 0));
}
