/** The machine that a binary must fit. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly musl: boolean;
}

export function thisMachine(): Machine;
export function platformPackages(machine: Machine): readonly string[];
export function findBun(from: string, machine?: Machine): string;
