import type { Link } from "../engine/orders.ts";

/** Two ends in one process. What is sent arrives in a later turn, as a copy, as it does over a socket. */
export function memoryLink<A, B>(): readonly [Link<A, B>, Link<B, A>] {
  const a = new End<A, B>();
  const b = new End<B, A>();
  a.other = b;
  b.other = a;
  return [a, b];
}

class End<Out, In> implements Link<Out, In> {
  onMessage: ((message: In) => void) | undefined;
  onEnd: ((reason: string) => void) | undefined;
  other: End<In, Out> | undefined;

  send(message: Out): void {
    const copy = structuredClone(message);
    setImmediate(() => this.other?.onMessage?.(copy));
  }

  close(): void {
    setImmediate(() => this.other?.onEnd?.("closed"));
  }
}
