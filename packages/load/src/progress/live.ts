import { toolWarnings } from "../figures/bottleneck.ts";
import type { Correctness, Second } from "../result/types.ts";
import { renderLine } from "./one-line.ts";
import { piece } from "./paint.ts";
import { renderProgress } from "./render.ts";
import { Screen, type Size } from "./screen.ts";
import { type PlannedPhase, type ProgressPlan, ProgressState } from "./view.ts";

export interface ProgressSurroundings {
  /** To the standard error: the standard output is for results. */
  readonly write: (text: string) => void;
  /** Undefined where it is no terminal. */
  readonly size: (() => Size) | undefined;
  readonly colour: boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls again and again until what it returned is called. */
  readonly every: (ms: number, call: () => void) => () => void;
  /** Calls before the process ends in whatever way. Returns what takes that back. */
  readonly atExit: (call: () => void) => () => void;
}

/** Milliseconds between drawings, and between lines where there is no terminal. */
const REDRAW = 250;
const LINE_EVERY = 5000;

/** Shows a running load to a person. */
export class LiveProgress {
  readonly #around: ProgressSurroundings;
  readonly #state: ProgressState;
  readonly #screen: Screen | undefined;
  readonly #startedAt: number;
  readonly #stops: readonly (() => void)[];
  readonly #warned = new Set<string>();
  #said = "";

  /** `startsIn` milliseconds the run's clock is at 0. */
  constructor(plan: ProgressPlan, around: ProgressSurroundings, startsIn = 0) {
    const { write, size, now, every, atExit } = around;
    this.#around = around;
    this.#state = new ProgressState(plan);
    this.#startedAt = now() + startsIn;
    this.#screen = size === undefined ? undefined : new Screen(write, size);
    const draw = (): void => this.#draw();
    this.#stops = [every(this.#screen === undefined ? LINE_EVERY : REDRAW, draw), atExit(() => this.#screen?.end())];
    if (this.#screen !== undefined) draw();
  }

  /** To be called once for each second of the run, with everything that was counted in it. */
  second(second: Second): void {
    this.#state.second(second);
    if (this.#screen !== undefined) return;
    for (const text of toolWarnings(second.agents)) this.#warn(text);
  }

  /** A phase that the plan did not have. */
  phase(phase: PlannedPhase): void {
    this.#state.phase(phase);
  }

  correctness(counts: readonly Correctness[]): void {
    this.#state.correctness(counts);
  }

  /** A line that stays. Said once if it comes several times in a row. */
  note(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    const line = piece(text).text;
    if (this.#screen === undefined) this.#around.write(`${line}\n`);
    else this.#screen.note(line);
  }

  /** Once for each agent and reason, whatever the figures: the result has them all. */
  #warn(text: string): void {
    const reason = text.replaceAll(/(?<!Agent )[\d.]+ (?:%|µs|ms|s)/g, "");
    if (this.#warned.has(reason)) return;
    this.#warned.add(reason);
    this.note(text);
  }

  /** Draws a last time and gives the terminal back. May be called twice. */
  end(): void {
    for (const stop of this.#stops) stop();
    if (this.#ended) return;
    this.#ended = true;
    this.#draw();
    this.#screen?.end();
  }

  #ended = false;

  #draw(): void {
    const { now, colour, size, write } = this.#around;
    const view = this.#state.view((now() - this.#startedAt) / 1000);
    if (this.#screen === undefined || size === undefined) return write(`${renderLine(view)}\n`);
    // The last column stays free: some terminals break a line that fills it.
    this.#screen.draw(renderProgress(view, { width: Math.max(20, size().columns - 1), colour }));
  }
}
