import { Counter, Gauge, type Registry } from "prom-client";

export type Labels = Readonly<Record<string, string | number>>;

/** Metrics of a registry that are read when somebody scrapes, from where the figures are anyway. */
export class Instruments {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  gauge(name: string, help: string, read: () => number): void {
    this.gauges(name, help, [], () => [[{}, read()]]);
  }

  /** A value for each set of labels. */
  gauges(name: string, help: string, labelNames: string[], read: () => readonly (readonly [Labels, number])[]): void {
    this.#registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames,
        registers: [],
        collect() {
          for (const [labels, value] of read()) this.set(labels, value);
        },
      }),
    );
  }

  counter(name: string, help: string, read: () => number): void {
    this.#registry.registerMetric(
      new Counter({
        name,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(read());
        },
      }),
    );
  }

  /** A count for each value of one label, given as `{label: counts}`. */
  counters(name: string, help: string, given: Readonly<Record<string, ReadonlyMap<string, number>>>): void {
    this.#registry.registerMetric(
      new Counter({
        name,
        help,
        labelNames: Object.keys(given),
        registers: [],
        collect() {
          this.reset();
          for (const [label, counts] of Object.entries(given))
            for (const [value, count] of counts) this.inc({ [label]: value }, count);
        },
      }),
    );
  }
}
