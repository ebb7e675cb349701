/** One JSON log line as a person reads it: time, level, message, then the other fields. */
export function prettyLine(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = typeof time === "string" ? time.slice(11, 23) : "";
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${show(value)}`);
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${show(msg)}${rest.join("")}${showError(err)}\n`;
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function showError(err: unknown): string {
  if (typeof err !== "object" || err === null) return "";
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  return `\n  ${show(stack ?? message)}`;
}
