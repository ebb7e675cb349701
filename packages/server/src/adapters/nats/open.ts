import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { assemble, type Parts } from "./assemble.ts";
import { checkDurability, type FetchJson } from "./durability.ts";
import { openConnection } from "./link.ts";
import { openStream, type OpenStream } from "./open-stream.ts";
import { DEFAULTS, type NatsLogOptions } from "./options.ts";

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
    throw error;
  }
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
  const [last, removed] = await Promise.all([direct.last(subjects.every("m")), direct.last(subjects.lost)]);
  lost.raise(removed);
  handover.start(state.last_seq, last?.seq ?? 0);
  tail.start(state.last_seq);
  if (options.audit ?? connection.info?.cluster !== undefined) parts.audit?.start();
}

/** Bytes for what stands beside the payload. */
const HEADER_ROOM = 16 * 1024;
const LEADER_ELECTED = "$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED";
