import { count } from "../text/numbers.ts";
import { type Finding, GROUPS, type Level } from "./finding.ts";

/** ANSI colours: green, yellow, red, grey. */
const COLOURS: Readonly<Record<Level, number>> = { ok: 32, warn: 33, fail: 31, skip: 90 };

/** The findings by group, what to change below each, and the sum. */
export function reportText(findings: readonly Finding[], coloured: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const groups = GROUPS.map((group) => findings.filter((finding) => finding.group === group));
  const texts = groups.filter((group) => group.length > 0).map((group) => groupText(group, width, coloured));
  return `${texts.join("\n")}\n${sum(findings)}\n`;
}

function groupText(findings: readonly Finding[], width: number, coloured: boolean): string {
  const rows = findings.map(({ name, level, found, fix }) => {
    const mark = coloured ? `\u001b[${COLOURS[level]}m${level.padEnd(4)}\u001b[0m` : level.padEnd(4);
    const change = fix === undefined ? "" : `        → ${fix}\n`;
    return `  ${mark}  ${name.padEnd(width)}  ${found}\n${change}`;
  });
  return `${findings[0]?.group ?? ""}\n${rows.join("")}`;
}

function sum(findings: readonly Finding[]): string {
  const of = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  const [failed, warned] = [of("fail"), of("warn")];
  if (failed > 0)
    return `${count(failed, "failure")}, ${count(warned, "warning")}. The server cannot run well until the failures are gone.`;
  if (warned === 0) return "Everything is well.";
  return `${count(warned, "warning")}. A small server runs well all the same; a large one needs the changes.`;
}
