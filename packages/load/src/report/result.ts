import type { Plot } from "../plot/plot.ts";
import type { Series, Spread } from "./series.ts";

/** One column of a table. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  /** Digits after the point. */
  readonly digits: number;
  /** Compare it with the base. */
  readonly ratio?: boolean;
}

export interface Cell extends Spread {
  readonly ratio?: Spread;
}

export interface Table {
  readonly title: string;
  /** The server that ratios refer to; absent without ratios. */
  readonly base?: string;
  readonly metrics: readonly Metric[];
  readonly rows: readonly { readonly server: string; readonly cells: Readonly<Record<string, Cell>> }[];
}

/** A table of words. The first row is the heading. */
export interface WordTable {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** What was demanded and what came out. */
export interface Bar {
  readonly text: string;
  readonly value: number;
  readonly wanted: string;
  readonly met: boolean;
}

/** Everything that one command measured: tmp/bench/<name>.json. */
export interface Result {
  readonly name: string;
  readonly title: string;
  /** The command that makes it again. */
  readonly command: string;
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly tables: readonly Table[];
  /** Beside the figures: what each server does, what could not be measured. */
  readonly words?: readonly WordTable[];
  /** Pictures of the figures. */
  readonly plots?: readonly Plot[];
  readonly bars: readonly Bar[];
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[];
}

export function tableOf(title: string, series: Series, metrics: readonly Metric[], base?: string): Table {
  const rows = series.servers.map((server) => {
    const cells = metrics.flatMap(({ key, ratio }) => {
      const spread = series.spread(server, key);
      if (spread === undefined) return [];
      const times = ratio === true && base !== undefined ? series.ratio(server, base, key) : undefined;
      return [[key, times === undefined ? spread : { ...spread, ratio: times }] as const];
    });
    return { server, cells: Object.fromEntries<Cell>(cells) };
  });
  return { title, metrics, rows, ...(base === undefined ? {} : { base }) };
}

/** `value` is missing when something was not measured: then the bar is not met. */
export function atLeast(text: string, value: number | undefined, bound: number): Bar {
  const known = value ?? Number.NaN;
  return { text, value: known, wanted: `at least ${bound}`, met: known >= bound };
}

export function atMost(text: string, value: number | undefined, bound: number): Bar {
  const known = value ?? Number.NaN;
  return { text, value: known, wanted: `at most ${bound}`, met: known <= bound };
}

export function moreThan(text: string, value: number | undefined, bound: number): Bar {
  const known = value ?? Number.NaN;
  return { text, value: known, wanted: `more than ${bound}`, met: known > bound };
}
