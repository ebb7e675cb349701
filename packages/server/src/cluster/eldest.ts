import type { Nodes, NodeView } from "./nodes.ts";

/**
 * Whether a node is the one that has run longest of all that it knows: it does what one of them has to do for all. For a moment two may
 * think so, or none; what is done by it must bear that. A node that has not announced itself yet is not.
 */
export function isEldest({ self, all }: Pick<Nodes, "self" | "all">): boolean {
  const own = all.find(({ id }) => id === self);
  return own !== undefined && all.every((other) => other === own || isOlder(own, other));
}

function isOlder(one: NodeView, other: NodeView): boolean {
  if (one.startedAt !== other.startedAt) return one.startedAt < other.startedAt;
  return one.id < other.id;
}
