import { toolWarnings } from "../figures/bottleneck.ts";
import { clockTime, duration, percent } from "../figures/format.ts";
import { bar, type Cell, justified, rowLines, wide, wrapped } from "./layout.ts";
import { paintLine, piece } from "./paint.ts";
import { agentRow, connectionRow, correctnessRow, errorRow, latencyRows, rateRows, serverRow } from "./rows.ts";
import type { PlannedPhase, ProgressView } from "./view.ts";

export interface Canvas {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
}

/** A running load as lines, none wider than the terminal. */
export function renderProgress(view: ProgressView, { width, colour }: Canvas): readonly string[] {
  const lines = [titleLine(view, width), ...phaseLines(view, width), ...figureLines(view, width)];
  return lines.map((line) => paintLine(line, width, colour));
}

function titleLine({ plan, elapsed }: ProgressView, width: number): Cell {
  const total = plan.phases.at(-1)?.to ?? 0;
  const time = [piece(total > elapsed ? `${clockTime(elapsed)} of ${clockTime(total)} ` : `${clockTime(elapsed)} `)];
  const name = piece(` ${plan.name}`, "strong");
  const whole = [name, piece(`  ${plan.target}`, "dim")];
  return justified(wide(whole) + wide(time) < width ? whole : [name], time, width);
}

function phaseLines({ plan, phase, elapsed }: ProgressView, width: number): readonly Cell[] {
  if (phase === undefined) return [[piece(" waiting for the agents", "dim")]];
  const index = plan.phases.findIndex((each) => each.from === phase.from && each.name === phase.name);
  const place = index < 0 ? "" : ` ${index + 1} of ${plan.phases.length}`;
  const left: Cell = [piece(` ${phase.name}`, "strong"), piece(`${place}  `, "dim")];
  const right: Cell = [piece(`  ${timeLeft(phase, elapsed)} `), ...loadCell(phase)];
  const room = width - wide(left) - wide(right);
  if (room < 12) {
    const time: Cell = [piece(` ${timeLeft(phase, elapsed)} `)];
    const half = barCell(phase, elapsed, Math.max(0, width - wide(time) - 1));
    return [left, [piece(" "), ...half, ...time]];
  }
  return [[...left, ...barCell(phase, elapsed, room), ...right]];
}

function loadCell({ kind, load }: PlannedPhase): Cell {
  return kind === "drain" ? [] : [piece(` load ${percent(load)} `, "dim")];
}

function timeLeft({ to }: PlannedPhase, elapsed: number): string {
  return to > elapsed ? `${duration(to - elapsed)} left` : "ending";
}

function barCell({ from, to }: PlannedPhase, elapsed: number, width: number): Cell {
  const [done, rest] = bar((elapsed - from) / Math.max(0.001, to - from), width);
  return [piece(done, "good"), piece(rest, "dim")];
}

function figureLines(view: ProgressView, width: number): readonly Cell[] {
  const { last } = view;
  if (last === undefined) return [];
  const rows = [
    connectionRow(last),
    ...rateRows(last),
    ...latencyRows(last.latency, view.latency),
    errorRow(view.errors),
    ...(view.correctness.length > 0 ? [correctnessRow(view.correctness)] : []),
    ...(last.agents.length > 0 ? [agentRow(last.agents)] : []),
    ...serverRow(last),
  ];
  return [[], ...rows.flatMap((row) => rowLines(row, width)), ...warningLines(view, width)];
}

function warningLines({ last }: ProgressView, width: number): readonly Cell[] {
  return toolWarnings(last?.agents ?? []).flatMap((text) =>
    wrapped(text, width - 4).map((line, i) => [piece(i === 0 ? " ! " : "   ", "warn"), piece(line, "warn")]),
  );
}
