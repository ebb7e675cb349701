import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { draw } from "../src/plot/draw.ts";
import { renderMarkdown } from "../src/report/render.ts";
import type { Result } from "../src/report/result.ts";
import { OUTPUT, ROOT } from "./support/bench.ts";
import { replaceSection } from "./support/section.ts";

/** In the order of the page. */
const NAMES = ["peers", "chat", "broadcast", "acks", "memory", "mqtt", "cluster", "echo", "micro", "tool"];
const PAGE = join(ROOT, "docs/benchmarks.md");
const PLOTS = join(ROOT, "docs/benchmarks");

/** Puts the results of the last runs into docs/benchmarks.md, and their plots beside it. */
function main(): number {
  const files = NAMES.map((name) => join(OUTPUT, `${name}.json`));
  const results = files
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as Result);
  const missing = NAMES.filter((_, i) => !existsSync(files[i]!));
  if (results.length === 0) {
    console.error(`There are no results in ${OUTPUT}: run npm run bench:chat and the others first.`);
    return 1;
  }
  const text = [machineLine(results[0]!), ...results.map(renderMarkdown)].join("\n\n");
  mkdirSync(PLOTS, { recursive: true });
  for (const plot of results.flatMap(({ plots }) => plots ?? []))
    writeFileSync(join(PLOTS, `${plot.file}.svg`), draw(plot));
  writeFileSync(PAGE, replaceSection(readFileSync(PAGE, "utf8"), "results", text));
  if (missing.length > 0) console.error(`Not in the page, because not measured here: ${missing.join(", ")}.`);
  return 0;
}

function machineLine({ machine }: Result): string {
  return `Machine: ${Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")}.`;
}

process.exit(main());
