import { randomUUID } from "node:crypto";
import { Revocations } from "./auth/index.ts";
import { systemClock } from "./clock.ts";
import { Gateway } from "./gateway/gateway.ts";
import { createLogger } from "./observe/logger.ts";
import { startupFault, startupNotice, type Options } from "./options/index.ts";

export interface RunningServer {
  readonly url: string;
  /** Drains and ends. A second call ends at once. */
  stop(signal: string): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

/** Starts a server on the real clock, chance and network. Rejects with an error for the operator. */
export async function startServer(options: Options): Promise<RunningServer> {
  const fault = startupFault(options);
  if (fault !== undefined) throw new Error(fault);
  const logger = createLogger(options.observe, (line) => void process.stderr.write(line));
  const notice = startupNotice(options);
  if (notice !== undefined) logger.warn(notice);
  const revocations = new Revocations({ clock: systemClock });
  const randomId = () => randomUUID();
  const gateway = await Gateway.start({ options, clock: systemClock, logger, randomId, fetch, revocations });
  logger.info({ url: gateway.url }, "listening");
  const ended = Promise.withResolvers<number>();
  let stopping = false;
  return {
    url: gateway.url,
    ended: ended.promise,
    stop(signal) {
      logger.info({ signal }, stopping ? "second signal: ending now" : "stopping");
      if (stopping) return ended.resolve(1);
      stopping = true;
      gateway.stop().then(
        () => ended.resolve(0),
        (error: unknown) => {
          logger.error({ err: error }, "the server did not end cleanly");
          ended.resolve(1);
        },
      );
    },
  };
}
