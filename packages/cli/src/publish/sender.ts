import type { Clock } from "@tidegate/server";
import { CliError, EXIT } from "../exit.ts";
import type { Api, Published } from "../http/api.ts";
import { errorIn, NoServerError, RefusedError } from "../http/faults.ts";
import type { Line } from "./line-queue.ts";

/** Milliseconds before the next try: each in a row without progress waits twice as long, up to the most. */
const FIRST_WAIT = 25;
const LONGEST_WAIT = 1000;
/** Milliseconds without any progress for which it goes on trying. */
const PATIENCE = 30_000;

export interface SenderParts {
  readonly api: Pick<Api, "publishAll">;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Told when it has to wait, once for each reason. */
  readonly waiting: (reason: string) => void;
}

/**
 * Sends lines in their order, one request at a time. What may succeed later (a busy server, a restart) is sent again:
 * each line has a message id, so that one whose answer was lost is not stored twice.
 */
export class Sender {
  readonly #parts: SenderParts;
  #progressAt: number | undefined;
  #wait = FIRST_WAIT;
  #last: Published | undefined;
  #published = 0;
  #duplicates = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  get published(): number {
    return this.#published;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  /** Answer to the last line. */
  get last(): Published | undefined {
    return this.#last;
  }

  /** Resolves when every line is stored. Rejects with a CliError that names the first line that is not. */
  async send(lines: readonly Line[]): Promise<void> {
    let left = lines;
    while (left.length > 0) {
      const before = left.length;
      left = await this.#try(left);
      if (left.length < before) this.#progress();
      if (left.length > 0) await this.#pause(left);
    }
  }

  /** Gives back what must be sent again. */
  async #try(lines: readonly Line[]): Promise<readonly Line[]> {
    try {
      return this.#taken(lines, await this.#parts.api.publishAll(lines.map(({ body }) => body)));
    } catch (error) {
      if (error instanceof RefusedError && error.reason === "too_large" && lines.length > 1) return this.#halves(lines);
      if (!this.#mayRetry(error)) throw atLine(error, lines);
      this.#parts.waiting((error as Error).message);
      return lines;
    }
  }

  /** All in one request were more than the server takes in a body. */
  async #halves(lines: readonly Line[]): Promise<readonly Line[]> {
    const middle = Math.ceil(lines.length / 2);
    await this.send(lines.slice(0, middle));
    return lines.slice(middle);
  }

  #taken(lines: readonly Line[], answers: readonly unknown[]): readonly Line[] {
    const again: Line[] = [];
    for (const [i, line] of lines.entries()) {
      const error = errorIn(answers[i]);
      if (error === undefined) this.#count(answers[i] as Published);
      // A final refusal waits for the lines before it: when it is told, they are stored.
      else if (error.temporary || again.length > 0) again.push(line);
      else throw atLine(new RefusedError(error), [line]);
      if (error?.temporary && again.length === 1) this.#parts.waiting(error.message);
    }
    return again;
  }

  #count(published: Published): void {
    this.#published++;
    if (published.duplicate) this.#duplicates++;
    this.#last = published;
  }

  /** A server that never answered is the wrong address, not one that restarts. */
  #mayRetry(error: unknown): boolean {
    if (error instanceof RefusedError) return error.temporary;
    return error instanceof NoServerError && this.#progressAt !== undefined;
  }

  #progress(): void {
    this.#progressAt = this.#parts.clock.now();
    this.#wait = FIRST_WAIT;
  }

  async #pause(left: readonly Line[]): Promise<void> {
    const { clock } = this.#parts;
    this.#progressAt ??= clock.now();
    if (clock.now() - this.#progressAt > PATIENCE)
      throw atLine(new CliError(`no progress for ${PATIENCE / 1000} s`, EXIT.noServer), left);
    await new Promise<void>((resolve) => void clock.after(this.#wait, resolve));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}

function atLine(error: unknown, [first]: readonly Line[]): unknown {
  if (!(error instanceof CliError) || first === undefined) return error;
  if (error instanceof NoServerError && first.number === 1) return error;
  return new CliError(
    `line ${first.number}: ${error.message}\nThe lines before it are stored, and perhaps some after it.`,
    error.exitCode,
  );
}
