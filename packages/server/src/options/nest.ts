interface Tree {
  [key: string]: unknown;
}

/** Dotted names as one nested object that nobody can change. Names come from the tables, never from a file. */
export function nest(rows: readonly { readonly name: string; readonly value: unknown }[]): object {
  const root: Tree = {};
  for (const { name, value } of rows) {
    const levels = name.split(".");
    const last = levels.pop() ?? name;
    let at = root;
    for (const level of levels) at = (at[level] ??= {}) as Tree;
    at[last] = value;
  }
  return freeze(root);
}

function freeze<T extends object>(tree: T): T {
  for (const value of Object.values(tree)) if (typeof value === "object" && value !== null) freeze(value);
  return Object.freeze(tree);
}
