/** A reviver sees the source of each number; TypeScript's library does not know it yet. */
interface Source {
  readonly source?: string;
}

/** JSON.parse, but numbers that a double would change (large ids, `1.10`) stay as they were written. */
export function parseExact(json: string): unknown {
  return JSON.parse(json, (_, value: unknown, context?: Source) =>
    typeof value === "number" && context?.source !== undefined && context.source !== String(value)
      ? rawJson(context.source)
      : value,
  );
}

function rawJson(source: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source);
}
