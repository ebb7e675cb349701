import { jsonResponse } from "../commands.ts";
import type { Call } from "../context.ts";

/** The process works, or this would not be answered. */
export function live(): Response {
  return jsonResponse('{"live":true}');
}

/** Whether traffic should come here. */
export async function ready({ context }: Call): Promise<Response> {
  const report = await context.readiness.report();
  return jsonResponse(JSON.stringify(report), report.ready ? 200 : 503);
}
