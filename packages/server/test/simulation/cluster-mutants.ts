import type { Group } from "../../src/delivery/group.ts";
import { Hub } from "../../src/delivery/hub.ts";
import type { Log } from "../../src/log/log.ts";
import type { Mutant } from "./mutants.ts";

/** Ways to break what several gateways have in common that the simulation must notice. */
export const CLUSTER_MUTANTS: readonly Mutant[] = [
  { name: "nobody waits until the log gives a topic", faults: { hub: (...parts) => new HastyHub(...parts) } },
  {
    name: "only the first one waits until the log gives a topic",
    faults: { hub: (...parts) => new MuteHub(...parts) },
  },
  { name: "a topic is said to be in force before it is", faults: { log: (log) => promisingEarly(log) } },
];

class HastyHub extends Hub {
  override ready(): undefined {
    return undefined;
  }
}

class MuteHub extends Hub {
  readonly #known = new Set<string>();

  override ready(group: Group): Promise<void> | undefined {
    const isKnown = this.#known.has(group.filter);
    this.#known.add(group.filter);
    return isKnown ? undefined : super.ready(group);
  }
}

function promisingEarly(log: Log): Log {
  return new Proxy(log, {
    get(target, key) {
      if (key === "interest") return (filter: string) => ({ ...target.interest!(filter), ready: Promise.resolve(0) });
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
