import { columns, type Piece, piece } from "./paint.ts";

/** Pieces that belong together: they are never on two lines. */
export type Cell = readonly Piece[];

export interface Row {
  readonly label: string;
  readonly cells: readonly Cell[];
}

const LABEL = 12;
const GAP = "   ";

/** A label and cells behind it; cells that have no room begin further lines below the first. */
export function rowLines({ label, cells }: Row, width: number): readonly Cell[] {
  const head = piece(` ${label}`.padEnd(LABEL + 2), "dim");
  const indent = piece(" ".repeat(columns(head.text)));
  const lines: Piece[][] = [];
  let line: Piece[] = [head];
  for (const cell of cells) {
    const gap = line.length > 1 ? [piece(GAP)] : [];
    if (line.length > 1 && wide([...line, ...gap, ...cell]) > width) {
      lines.push(line);
      line = [indent, ...cell];
    } else line.push(...gap, ...cell);
  }
  return [...lines, line];
}

/** One line with `right` at its end; without room for both, the right side is left out. */
export function justified(left: Cell, right: Cell, width: number): Cell {
  const space = width - wide(left) - wide(right);
  return space < 1 ? left : [...left, piece(" ".repeat(space)), ...right];
}

/** Words in lines of at most `width` columns. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columns(longer) > width && line !== "") {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** `part` from 0 to 1. Eighths of a block, so that slow phases move too. */
export function bar(part: number, width: number): readonly [done: string, rest: string] {
  const eighths = Math.round(Math.min(1, Math.max(0, part)) * width * 8);
  const full = Math.floor(eighths / 8);
  const done = "█".repeat(full) + (EIGHTHS[eighths % 8] ?? "");
  return [done, "░".repeat(Math.max(0, width - done.length))];
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

export function wide(cell: Cell): number {
  return cell.reduce((sum, { text }) => sum + columns(text), 0);
}
