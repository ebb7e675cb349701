import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { FileRevocationStore } from "./adapters/file/revocations.ts";
import { Revocations } from "./auth/index.ts";
import { systemClock } from "./clock.ts";
import { Gateway } from "./gateway/gateway.ts";
import type { Pages } from "./gateway/listen.ts";
import type { MqttPorts } from "./gateway/mqtt.ts";
import { createLogger } from "./observe/logger.ts";
import { startupFault, startupNotice, type Options } from "./options/index.ts";
import { VERSION } from "./version.ts";

export interface RunningServer {
  readonly url: string;
  /** Ports of MQTT over TCP and over TLS; undefined where it takes none. */
  readonly mqtt: MqttPorts;
  /** Drains and ends. A second call ends at once. */
  stop(signal: string): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

/** Starts a server on the real clock, chance and network. Rejects with an error for the operator. */
export async function startServer(options: Options, pages: Pages = {}): Promise<RunningServer> {
  const fault = startupFault(options);
  if (fault !== undefined) throw new Error(fault);
  const logger = createLogger(options.observe, (line) => void process.stderr.write(line));
  const notice = startupNotice(options);
  if (notice !== undefined) logger.warn(notice);
  const gateway = await Gateway.start({
    options,
    clock: systemClock,
    logger,
    // Letters and digits only: an epoch is typed after --since on command lines.
    randomId: () => randomBytes(8).toString("hex"),
    random: Math.random,
    fetch,
    revocations: await openRevocations(options, logger),
    pages,
    version: VERSION,
    collectGarbage: (when) => Bun.gc(when === "now"),
  });
  const { plain, secure } = gateway.mqttPorts;
  logger.info({ url: gateway.url, mqtt: plain, mqtts: secure, version: VERSION }, "listening");
  systemClock.after(AFTER_START, releaseStartMemory);
  return running(gateway, logger, options.drain.deadline);
}

/** Milliseconds after which what starting needed is no longer reached from any stack. */
const AFTER_START = 100;

/** Most of what starting compiled and read is never used again, and a heap that begins small stays smaller by a tenth. */
function releaseStartMemory(): void {
  Bun.shrink();
  Bun.gc(true);
}

/** Milliseconds that the end may take where no deadline is set. */
const SHORTEST_END = 2000;

/**
 * Milliseconds in which the same signal counts once: whoever signals a whole process group (a service manager, `timeout`)
 * reaches the server twice, directly and through its launcher.
 */
const SAME_SIGNAL = 300;

function running(gateway: Gateway, logger: Logger, deadline: number): RunningServer {
  const ended = Promise.withResolvers<number>();
  let stopping: { readonly signal: string; readonly since: number } | undefined;
  return {
    url: gateway.url,
    mqtt: gateway.mqttPorts,
    ended: ended.promise,
    stop(signal) {
      const now = systemClock.now();
      if (stopping?.signal === signal && now - stopping.since < SAME_SIGNAL) return;
      logger.info({ signal }, stopping === undefined ? "stopping" : "second signal: ending now");
      if (stopping !== undefined) return ended.resolve(1);
      stopping = { signal, since: now };
      const cancel = systemClock.after(Math.max(deadline, SHORTEST_END), () => {
        logger.error({ deadline }, "the deadline is over and the server has not ended: it is cut off");
        ended.resolve(1);
      });
      void gateway
        .stop()
        .then(
          () => ended.resolve(0),
          (error: unknown) => {
            logger.error({ err: error }, "the server did not end cleanly");
            ended.resolve(1);
          },
        )
        .finally(cancel);
    },
  };
}

/** What was revoked stays revoked over a restart, unless nothing at all is kept on disk. */
async function openRevocations(options: Options, logger: Logger): Promise<Revocations> {
  const names = new Set(options.auth.users.map(({ name }) => name));
  const revocations = new Revocations({ clock: systemClock, hasPassword: (user) => names.has(user) });
  if (options.log.storage === "memory") return revocations;
  const store = new FileRevocationStore(join(options.data.dir, "revocations.json"));
  revocations.restore(await store.load());
  revocations.listen(() => {
    store.save(revocations.all()).catch((error: unknown) => logger.error({ err: error }, "revocations were not saved"));
  });
  return revocations;
}
