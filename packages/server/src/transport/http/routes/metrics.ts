import type { Call } from "../context.ts";
import { refuse } from "../errors.ts";

export async function metrics({ context }: Call): Promise<Response> {
  if (context.metrics === undefined) refuse("not_found", "metrics are switched off; observe.metrics switches them on");
  const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store" };
  return new Response(await context.metrics(), { headers });
}
