/** Bytes of a line that are kept at most: a message cannot be larger than 64 MB. */
const MAX_LINE = 64 * 1024 * 1024;

/** The lines of a stream of bytes, without their ends (LF or CR LF); empty ones are left out. */
export async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[], undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      lines.push(trimmed(Buffer.concat([...parts, chunk.subarray(start, end)])));
      parts = [];
      size = 0;
      start = end + 1;
    }
    // Copied: the stream may fill the same memory again.
    parts.push(Uint8Array.from(chunk.subarray(start)));
    size += chunk.byteLength - start;
    if (size > MAX_LINE) throw new RangeError(`a line has more than ${MAX_LINE} bytes`);
    yield lines.filter(({ byteLength }) => byteLength > 0);
  }
  const last = trimmed(Buffer.concat(parts));
  if (last.byteLength > 0) yield [last];
}

const LF = 10;
const CR = 13;

function trimmed(line: Uint8Array): Uint8Array {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}
