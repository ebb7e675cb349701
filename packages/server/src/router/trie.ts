/**
 * Filters with wildcards, found by topic. A look-up walks one path for each combination of literal and `+` that exists,
 * so its cost follows the depth of the topic and not the number of filters.
 */
export class Trie<T> {
  #root = new Node<T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(filter: string): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const level of filter.split("/")) {
      node = node.child(level);
      if (node === undefined) return undefined;
    }
    return node.value;
  }

  set(filter: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split("/")) node = node.childOrNew(level);
    if (node.value === undefined) this.#size += 1;
    node.value = value;
  }

  delete(filter: string): void {
    const levels = filter.split("/");
    const path = [this.#root];
    for (const level of levels) {
      const next = path.at(-1)?.child(level);
      if (next === undefined) return;
      path.push(next);
    }
    const last = path.at(-1);
    if (last?.value === undefined) return;
    last.value = undefined;
    this.#size -= 1;
    // Nodes that lead nowhere any more go too, or a client could fill the memory by subscribing and leaving.
    for (let i = levels.length; i > 0 && path[i]?.isEmpty; i--) path[i - 1]?.remove(levels[i - 1] ?? "");
  }

  /** Calls `visit` for every filter that names the topic. `$…` topics are not reached by a wildcard first level. */
  match(topic: string, visit: (value: T) => void): void {
    if (this.#size === 0) return;
    const levels = topic.split("/");
    const first = this.#root.children?.get(levels[0] ?? "");
    if (first !== undefined) walk(first, levels, 1, visit);
    if (topic.charCodeAt(0) === DOLLAR) return;
    if (this.#root.plus !== undefined) walk(this.#root.plus, levels, 1, visit);
    if (this.#root.hash?.value !== undefined) visit(this.#root.hash.value);
  }
}

const DOLLAR = 36;

function walk<T>(node: Node<T>, levels: readonly string[], depth: number, visit: (value: T) => void): void {
  // `a/#` names `a` as well. [MQTT-4.7.1-2]
  if (node.hash?.value !== undefined) visit(node.hash.value);
  const level = levels[depth];
  if (level === undefined) {
    if (node.value !== undefined) visit(node.value);
    return;
  }
  const literal = node.children?.get(level);
  if (literal !== undefined) walk(literal, levels, depth + 1, visit);
  if (node.plus !== undefined) walk(node.plus, levels, depth + 1, visit);
}

class Node<T> {
  value: T | undefined = undefined;
  children: Map<string, Node<T>> | undefined = undefined;
  plus: Node<T> | undefined = undefined;
  hash: Node<T> | undefined = undefined;

  get isEmpty(): boolean {
    return this.value === undefined && this.plus === undefined && this.hash === undefined && !this.children?.size;
  }

  child(level: string): Node<T> | undefined {
    if (level === "+") return this.plus;
    if (level === "#") return this.hash;
    return this.children?.get(level);
  }

  childOrNew(level: string): Node<T> {
    if (level === "+") return (this.plus ??= new Node());
    if (level === "#") return (this.hash ??= new Node());
    this.children ??= new Map();
    let node = this.children.get(level);
    if (node === undefined) this.children.set(level, (node = new Node()));
    return node;
  }

  remove(level: string): void {
    if (level === "+") this.plus = undefined;
    else if (level === "#") this.hash = undefined;
    else this.children?.delete(level);
  }
}
