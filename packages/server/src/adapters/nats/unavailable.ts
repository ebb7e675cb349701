import { LogUnavailable } from "../../log/log.ts";

/** What NATS threw, as the port has it. */
export function unavailable(error: unknown): LogUnavailable {
  if (error instanceof LogUnavailable) return error;
  return new LogUnavailable(`NATS: ${(error as Error).message}`, { cause: error });
}
