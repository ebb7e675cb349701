import type { Loaded, Row } from "./load.ts";
import { printValue } from "./print.ts";
import { NAMESPACE_TABLE, OPTIONS } from "./table.ts";

/** One line of `tidegate config`. */
export interface DescribedOption {
  readonly name: string;
  /** As it would be written in the file; a secret as `(set)`. */
  readonly value: string;
  /** `default`, `tidegate.yaml:12`, `TIDEGATE_HTTP_PORT`, `--http-port`. */
  readonly from: string;
}

/** Every value in force and where it came from. */
export function describe({ rows }: Pick<Loaded, "rows">): readonly DescribedOption[] {
  return rows.map((row) => ({ name: row.path, value: valueOf(row), from: row.origin.place || "default" }));
}

/** The same as text, in three columns. */
export function describeText(loaded: Pick<Loaded, "rows">): string {
  const lines = describe(loaded);
  const name = Math.max(...lines.map((line) => line.name.length));
  const value = Math.max(...lines.map((line) => Math.min(line.value.length, MAX_VALUE)));
  return lines.map((line) => `${line.name.padEnd(name)}  ${line.value.padEnd(value)}  ${line.from}\n`).join("");
}

/** A longer value pushes only its own line aside. */
const MAX_VALUE = 40;

function valueOf({ name, namespace, value }: Row): string {
  const spec = (namespace === undefined ? OPTIONS : NAMESPACE_TABLE).get(name);
  return spec === undefined ? "" : printValue(spec, value);
}
