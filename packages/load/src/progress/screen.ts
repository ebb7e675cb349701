import { columns } from "./paint.ts";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[J";

/** Columns and rows of a terminal now: they change while it is used. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A block of lines that is drawn over and over at the same place. What is written is one text for each drawing, so that
 * nothing flickers. The cursor is hidden until `end`.
 */
export class Screen {
  readonly #write: (text: string) => void;
  readonly #size: () => Size;
  #drawn: readonly number[] = [];
  #hidden = false;

  constructor(write: (text: string) => void, size: () => Size) {
    this.#write = write;
    this.#size = size;
  }

  /** Lines must not be wider than the terminal; those that it is too low for are left out. */
  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, this.#size().rows - 1));
    const start = this.#hidden ? "" : HIDE_CURSOR;
    this.#hidden = true;
    this.#write(`${start}${this.#back()}${CLEAR_BELOW}${shown.map((line) => `${line}\n`).join("")}`);
    this.#drawn = shown.map(columns);
  }

  /** A line that stays, above the block, which the next drawing puts below it. */
  note(line: string): void {
    this.#write(`${this.#back()}${CLEAR_BELOW}${line}\n`);
    this.#drawn = [];
  }

  /** Leaves the block as it is and gives the cursor back. May be called twice. */
  end(): void {
    if (!this.#hidden) return;
    this.#hidden = false;
    this.#drawn = [];
    this.#write(SHOW_CURSOR);
  }

  /** To the block's first line. A terminal that became narrower has broken its lines into several. */
  #back(): string {
    const { columns: wide } = this.#size();
    const up = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / Math.max(1, wide))), 0);
    return up === 0 ? "\r" : `\r\u001b[${up}A`;
  }
}
