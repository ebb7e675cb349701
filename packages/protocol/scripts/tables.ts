import { join } from "node:path";
import { CLOSES, ERRORS } from "../src/codes.ts";
import { LIMITS } from "../src/limits.ts";

/** The tables of docs/spec/wire.md that are made from the code. */

const ROOT = join(import.meta.dir, "../../..");
export const PAGE = join(ROOT, "docs/spec/wire.md");
const LIMITS_SOURCE = join(ROOT, "packages/protocol/src/limits.ts");

type Row = readonly (string | number)[];

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function errors(): string {
  const rows = Object.entries(ERRORS).map(([reason, error]) => [
    error.code,
    `\`${reason}\``,
    error.temporary ? "yes" : "no",
    error.action,
    error.status,
    error.meaning,
  ]);
  return table(["code", "reason", "temporary", "next", "HTTP", "meaning"], rows);
}

function closes(): string {
  const rows = Object.entries(CLOSES).map(([reason, close]) => [
    close.code,
    `\`${reason}\``,
    close.action,
    close.meaning,
  ]);
  return table(["code", "reason", "next", "meaning"], rows);
}

/** The values, each with the comment above it; a comment holds for the lines that follow it without one. */
function limits(source: string): string {
  const rows: Row[] = [];
  let comment = "";
  for (const line of source.split("\n")) {
    comment = /\/\*\* (.*) \*\/$/.exec(line)?.[1] ?? comment;
    const name = /^ {2}(\w+):/.exec(line)?.[1];
    if (name !== undefined) rows.push([`\`${name}\``, LIMITS[name as keyof typeof LIMITS], comment]);
  }
  return table(["limit", "value", "of what, and why"], rows);
}

/** The page with its tables made anew. Throws if a marker is missing. */
export async function withTables(page: string): Promise<string> {
  const made = { errors: errors(), closes: closes(), limits: limits(await Bun.file(LIMITS_SOURCE).text()) };
  return Object.entries(made).reduce((text, [name, content]) => between(text, name, content), page);
}

function between(page: string, name: string, content: string): string {
  const parts = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(<!-- /${name} -->)`);
  if (!parts.test(page)) throw new Error(`docs/spec/wire.md has no markers for ${name}`);
  return page.replace(parts, (_, open: string, close: string) => `${open}${content}\n${close}`);
}

if (import.meta.main) await Bun.write(PAGE, await withTables(await Bun.file(PAGE).text()));
