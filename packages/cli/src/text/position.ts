import { InvalidArgumentError } from "commander";

export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Reads `epoch:offset`, as publish and history print it. */
export function readPosition(text: string): Position {
  const match = /^(.+):(\d{1,16})$/.exec(text);
  if (match?.[1] !== undefined) return { epoch: match[1], offset: Number(match[2]) };
  throw new InvalidArgumentError("It must be epoch:offset, as publish prints it.");
}

export function positionText({ epoch, offset }: Position): string {
  return `${epoch}:${offset}`;
}
