import type { Priority } from "@tidegate/client";

export const PRIORITIES: readonly Priority[] = ["low", "normal", "high"];

interface Refusal {
  readonly error?: { readonly reason: string; readonly temporary: boolean };
}

export interface Refused {
  /** For each priority, from the lowest: how many were turned away at once, because too much waited already. */
  readonly shed: readonly number[];
  /** Reasons of refusals that are for good. */
  readonly final: readonly string[];
}

/** Publishes so many messages of each priority at once, in turn, and says which were turned away. */
export async function burst(url: string, each: number): Promise<Refused> {
  const answers = await Promise.all(
    Array.from({ length: each }, () => PRIORITIES.map((priority) => ask(url, priority))).flat(),
  );
  const shed = PRIORITIES.map(
    (_, i) => answers.filter(({ error }, n) => n % PRIORITIES.length === i && error?.reason === "overloaded").length,
  );
  return { shed, final: answers.flatMap(({ error }) => (error?.temporary === false ? [error.reason] : [])) };
}

async function ask(url: string, priority: Priority): Promise<Refusal> {
  const body = JSON.stringify({ topic: `burst/${priority}`, data: 1, priority });
  const headers = { "content-type": "application/json" };
  return (await (await fetch(`${url}/v1/publish`, { method: "POST", headers, body })).json()) as Refusal;
}
