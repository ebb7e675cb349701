import { CliError } from "../exit.ts";

/** What `GET /v1/nodes` says. */
export interface Listing {
  /** Id of the node that answered. */
  readonly self: string;
  /** Whether that one reaches the others. */
  readonly bus: string;
  readonly nodes: readonly ListedNode[];
}

export interface ListedNode {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly version: string;
  /** Milliseconds since 1970, by that node's clock. */
  readonly startedAt: number;
  readonly draining: boolean;
  readonly load: ListedLoad;
}

export type ListedLoad = Readonly<Record<(typeof FIGURES)[number], number>>;

const FIGURES = ["connections", "subscriptions", "published", "delivered", "cpu", "memory", "lag"] as const;
const TEXTS = ["id", "name", "url", "version"] as const;

/** Takes the answer apart. A server of another version may say more. Throws a CliError for what is no such answer. */
export function listingOf(value: unknown): Listing {
  const { self, bus, nodes } = fieldsOf(value);
  if (typeof self !== "string" || typeof bus !== "string" || !Array.isArray(nodes)) return misunderstood();
  return { self, bus, nodes: nodes.map(nodeOf) };
}

function nodeOf(value: unknown): ListedNode {
  const fields = fieldsOf(value);
  const load = fieldsOf(fields["load"]);
  const isWhole =
    TEXTS.every((name) => typeof fields[name] === "string") &&
    FIGURES.every((name) => typeof load[name] === "number") &&
    typeof fields["startedAt"] === "number" &&
    typeof fields["draining"] === "boolean";
  return isWhole ? (fields as unknown as ListedNode) : misunderstood();
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function misunderstood(): never {
  throw new CliError("the server's list of nodes is not one that this version understands; --json shows it as it came");
}
