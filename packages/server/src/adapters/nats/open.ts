import { JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/transport-node";
import { patiently } from "../../log/patiently.ts";
import { assemble, type Parts } from "./assemble.ts";
import { checkDurability, type FetchJson } from "./durability.ts";
import { openConnection } from "./link.ts";
import { openStream, type OpenStream } from "./open-stream.ts";
import { DEFAULTS, type NatsLogOptions } from "./options.ts";
import { unavailable } from "./unavailable.ts";

/** Connects, finds or makes the stream, and begins to follow it. */
export async function openParts(options: NatsLogOptions, fetchJson: FetchJson): Promise<Parts> {
  const connection = await openConnection(options);
  try {
    checkPayload(connection, options);
    const jsm = await jetstreamManager(connection, { timeout: options.timeout ?? DEFAULTS.timeout });
    const stream = await openStream(jsm, options);
    await checkDurability(stream.info.config, options, fetchJson);
    const parts = assemble({ connection, jsm, stream, options });
    await follow(parts, stream, options);
    return parts;
  } catch (error) {
    await connection.close();
    throw isPassing(error) ? unavailable(error) : error;
  }
}

/** JetStream is not ready, as in a cluster that starts or has lost its leader: what else is wrong does not mend itself. */
function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return NOT_READY.includes(error.code);
  return error instanceof errors.TimeoutError || error instanceof errors.NoRespondersError;
}

function checkPayload({ info }: NatsConnection, { maxPayload = 0 }: NatsLogOptions): void {
  const allowed = (info?.max_payload ?? 0) - HEADER_ROOM;
  if (maxPayload <= allowed) return;
  const needed = maxPayload + HEADER_ROOM;
  throw new Error(
    `NATS takes payloads of ${allowed} bytes, messages may have ${maxPayload}: set its max_payload to ${needed}`,
  );
}

async function follow(parts: Parts, { subjects }: OpenStream, options: NatsLogOptions): Promise<void> {
  const { stream, byInterest } = options;
  const { connection, direct, jsm, handover, lost, room, tail, callback } = parts;
  connection.subscribe(byInterest === true ? subjects.liveLost : subjects.live, { callback });
  // A new leader sends on only what it stores itself.
  connection.subscribe(`${LEADER_ELECTED}.${stream}`, { callback: () => void tail.catchUp() });
  // The server has the subscription before it is asked where the stream ends: nothing falls in between.
  await connection.flush();
  const { state, config } = await jsm.streams.info(stream);
  room.said(state.bytes, config.max_bytes);
  const read = () => Promise.all([direct.last(subjects.every("m")), direct.last(subjects.lost)]);
  const { clock, timeout = DEFAULTS.timeout } = options;
  // In a cluster a stream that was just made has no leader for a moment, and nobody answers for it.
  const [last, removed] = await patiently(read, { clock, patience: timeout, pause: BETWEEN_TRIES });
  lost.raise(removed);
  handover.start(state.last_seq, last?.seq ?? 0);
  tail.start(state.last_seq);
  if (options.audit ?? connection.info?.cluster !== undefined) parts.audit?.start();
}

/** The cluster has no leader, too few servers, or is just choosing. */
const NOT_READY: readonly number[] = [10004, 10005, 10008, 10009];
/** Milliseconds. */
const BETWEEN_TRIES = 100;
/** Bytes for what stands beside the payload. */
const HEADER_ROOM = 16 * 1024;
const LEADER_ELECTED = "$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED";
