/**
 * Finds the line of a path such as `populations[1].publish.rate` in a YAML file of block style, by indentation: Bun's
 * parser gives no positions. What cannot be found has the line of what it stands in.
 *
 * @returns the line from 1; undefined where none can be told
 */
export function lineFinder(text: string): (path: string) => number | undefined {
  const lines = scan(text);
  return (path) => {
    for (let at = path; at !== ""; at = parentOf(at)) {
      const line = lines.get(at);
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

/** What a path stands in. Always shorter, whatever somebody has called a key. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("."), path.lastIndexOf("["), 0));
}

const LINE = /^( *)((?:- +)*)(?:"([^"]*)"|'([^']*)'|([\w-]+)) *:(?:\s|$)/;
const ITEM = /^( *)- /;

interface Open {
  readonly indent: number;
  readonly path: string;
  items: number;
}

function scan(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const open: Open[] = [{ indent: -1, path: "", items: -1 }];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    enterItem(line, open, found, i + 1);
    const parts = LINE.exec(line);
    if (parts === null) continue;
    const indent = (parts[1] ?? "").length + (parts[2] ?? "").length;
    leave(open, indent);
    const above = open.at(-1)?.path ?? "";
    const key = parts[3] ?? parts[4] ?? parts[5] ?? "";
    const path = above === "" ? key : `${above}.${key}`;
    open.push({ indent, path, items: -1 });
    if (!found.has(path)) found.set(path, i + 1);
  }
  return found;
}

/** A line that begins an entry of a list: the entry's path joins the open ones. */
function enterItem(line: string, open: Open[], found: Map<string, number>, number: number): void {
  const indent = ITEM.exec(line)?.[1]?.length;
  if (indent === undefined) return;
  // An entry of a list may stand as far left as the list's own key.
  while ((open.at(-1)?.indent ?? -1) > indent || open.at(-1)?.path.endsWith("]")) {
    if ((open.at(-1)?.indent ?? -1) < indent) break;
    open.pop();
  }
  const list = open.at(-1);
  if (list === undefined) return;
  list.items += 1;
  const path = `${list.path}[${list.items}]`;
  found.set(path, number);
  open.push({ indent: indent + 1, path, items: -1 });
}

function leave(open: Open[], indent: number): void {
  while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
}
