import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { MemoryLog } from "../adapters/memory/log.ts";
import { openNatsLog } from "../adapters/nats/log.ts";
import type { NatsAccess } from "../adapters/nats/options.ts";
import { openSqliteLog } from "../adapters/sqlite/log.ts";
import type { Durability, Log, RetentionOf } from "../log/log.ts";
import { patiently } from "../log/patiently.ts";
import { RenewableLog, type OpenLog } from "../log/renewable-log.ts";
import { natsAccess } from "./nats.ts";
import type { GatewayParts } from "./parts.ts";
import { layoutOf } from "./shards.ts";

export type OpenLogParts = Pick<GatewayParts, "options" | "clock" | "logger" | "randomId">;

export interface WantedLog {
  readonly durability: Durability;
  /** From 0: which of several. */
  readonly shard: number;
  readonly retention: RetentionOf;
}

/** Opens the log of one durability: on NATS where the options name it. Rejects with a sentence for the operator. */
export function openLog(wanted: WantedLog, parts: OpenLogParts): Promise<Log> {
  const access = natsAccess(parts.options);
  return access === undefined ? openOwn(wanted, parts) : openShared(wanted, parts, access);
}

/** A log on NATS, which other gateways have, too. While NATS is not there it is waited for, as long as the operator said. */
async function openShared(
  { durability, shard, retention }: WantedLog,
  { options, clock, logger, randomId }: OpenLogParts,
  access: NatsAccess,
): Promise<Log> {
  const { maxBytes, replicas, monitors, startWait, shards, relayout } = options.log;
  const all = [options.namespaceDefaults, ...options.namespaces.values()];
  const stream = [options.cluster.name, durability, ...(shard === 0 ? [] : [shard])].join("-");
  const warn = (message: string): void => logger.warn({ stream }, message);
  const open: OpenLog = (lost) =>
    openNatsLog({
      ...access,
      stream,
      durability,
      clock,
      randomId,
      retention,
      maxBytes: Math.floor((durability === "memory" ? Math.min(maxBytes, MEMORY_BYTES) : maxBytes) / shards),
      replicas,
      layout: layoutOf(options),
      relayout,
      monitors,
      idWindow: Math.max(...all.map(({ messageIdWindow }) => messageIdWindow)),
      maxPayload: Math.max(...all.map(({ maxPayload }) => maxPayload)),
      byInterest: true,
      warn,
      lost,
    });
  const waiting = (why: string): void => logger.warn({ wait: startWait }, `waiting for NATS: ${why}`);
  const patience = { clock, patience: startWait, pause: BETWEEN_TRIES, waiting };
  return patiently(() => RenewableLog.open({ open, clock, warn }), patience);
}

/** A log that nobody else has. */
async function openOwn(
  { durability, retention }: WantedLog,
  { options, clock, logger, randomId }: OpenLogParts,
): Promise<Log> {
  const { maxBytes, storage, checkpoint } = options.log;
  if (durability === "memory" || storage === "memory")
    return new MemoryLog({ clock, epoch: randomId(), retention, maxBytes: Math.min(maxBytes, MEMORY_BYTES) });
  mkdirSync(options.data.dir, { recursive: true });
  const path = join(options.data.dir, `${durability}.db`);
  const warn = (message: string): void => logger.warn({ path }, message);
  return openSqliteLog({
    path,
    durability,
    clock,
    randomId,
    retention,
    maxBytes,
    hardBytes: maxBytes * HARD_SHARE,
    checkpoint,
    warn,
  });
}

/** Retention comes by every few seconds; what is stored meanwhile may pass the bound by so much, then appends are refused. */
const HARD_SHARE = 1.25;

/** A log in memory must leave room for everything else, whatever a log on disk may take. */
const MEMORY_BYTES = 1024 * 1024 * 1024;

/** Milliseconds between two tries to reach NATS. */
const BETWEEN_TRIES = 500;
