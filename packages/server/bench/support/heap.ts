import { heapStats } from "bun:jsc";

/** Bytes that live values take, those outside of the heap among them. */
export function heap(): number {
  Bun.gc(true);
  Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  return heapSize + extraMemorySize;
}
