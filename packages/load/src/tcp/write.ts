import type { Socket } from "bun";

/**
 * Writes behind what already waits for the socket to drain. Returns a copy of what has to wait now, for the next call or for
 * when it drains. Without a socket everything waits.
 */
export function write<T>(
  socket: Socket<T> | undefined,
  bytes: Uint8Array,
  unsent: Uint8Array | undefined,
): Uint8Array | undefined {
  if (unsent !== undefined) return Buffer.concat([unsent, bytes]);
  const written = Math.max(0, socket?.write(bytes) ?? 0);
  return written < bytes.length ? bytes.slice(written) : undefined;
}
