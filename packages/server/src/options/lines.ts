/**
 * Finds the line of each key of a YAML file in block style, by its indentation. Bun's parser gives no positions; keys
 * in flow style (`{a: 1}`) have the line of the block key above them.
 *
 * @returns the line (from 1) of a path such as `http.port`; undefined where it cannot be told
 */
export function keyLines(text: string): (path: string) => number | undefined {
  const lines = scan(text);
  return (path) => {
    for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
      const line = lines.get(at);
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

const KEY = /^( *)(?:"([^"]*)"|'([^']*)'|([^\s#"'\-[{&*!|>%@`][^:#]*?)) *:(?:\s|$)/;

function scan(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const open: { readonly indent: number; readonly path: string }[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const parts = KEY.exec(line);
    if (parts === null) continue;
    const indent = parts[1]?.length ?? 0;
    const key = parts[2] ?? parts[3] ?? parts[4] ?? "";
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const above = open.at(-1)?.path;
    const path = above === undefined ? key : `${above}.${key}`;
    open.push({ indent, path });
    if (!found.has(path)) found.set(path, i + 1);
  }
  return found;
}
