import type { Plot } from "../src/plot/plot.ts";
import type { Table } from "../src/report/result.ts";
import { codecs } from "./micro/codecs.ts";
import type { Context } from "./micro/context.ts";
import { fanOut } from "./micro/fan-out.ts";
import { log } from "./micro/log.ts";
import { presence } from "./micro/presence.ts";
import { topics } from "./micro/topics.ts";
import { type Bench, benchCommand, type Findings, type Settings } from "./support/bench.ts";

type Numbers = "rounds" | "seconds" | "messages" | "patterns" | "subscribers";

const bench: Bench<Numbers> = {
  name: "micro",
  title: "Parts of the server by themselves",
  numbers: { rounds: 3, seconds: 1, messages: 1_000_000, patterns: 1_000_000, subscribers: 10_000 },
  quick: { rounds: 1, seconds: 0.3, messages: 50_000, patterns: 10_000, subscribers: 100 },
  parts: ["codecs", "topics", "log", "presence", "fan-out"],
  measure,
};

async function measure({ numbers, entry, progress, wants }: Settings<Numbers>): Promise<Findings> {
  const context: Context = { ...numbers, entry, progress };
  const tables: Table[] = [];
  const plots: Plot[] = [];
  if (wants("codecs")) tables.push(...codecs(context));
  if (wants("topics")) tables.push(topics(context));
  if (wants("log")) tables.push(...(await log(context)));
  if (wants("presence")) tables.push(presence(context));
  if (wants("fan-out")) {
    const { table, plot } = await fanOut(context);
    tables.push(table);
    plots.push(plot);
  }
  return { tables, plots, bars: [], notes: [] };
}

process.exit(await benchCommand(bench, process.argv.slice(2)));
