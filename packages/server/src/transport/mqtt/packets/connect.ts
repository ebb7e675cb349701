import { type ConnectPacket, encodeWithin, type MqttProperties } from "@tidegate/protocol/mqtt";
import { AuthError, type Identity } from "../../../auth/index.ts";
import { openSession } from "../../../session/open-session.ts";
import { AliasesOut } from "../aliases.ts";
import type { MqttClient } from "../client.ts";
import { DAY } from "../progress.ts";
import { UNBOUNDED } from "../deliver.ts";
import type { Ledger } from "../ledger.ts";
import { writeNote } from "../note.ts";
import { REASON, reasonOfError } from "../reasons.ts";
import { type Resumption, resume, sharedWishesOf, wishesOf } from "../resume.ts";
import { SessionState } from "../state.ts";
import { takeSession, type TakenSession } from "../take-session.ts";
import { willFault } from "../will-fault.ts";

/** Characters of a client id: bounds what is kept for it. [MQTT-3.1.3-5] */
const MAX_CLIENT_ID = 1024;
/** What 3.1.1's "clean session 0" means: it never ends, as far as the server's bound allows. */
const FOR_EVER = 0xffffffff;
const RECEIVE_MAXIMUM = 65_535;

/** Who is it, and what had it left here? */
export function connect(client: MqttClient, packet: ConnectPacket): void {
  client.phase = "connecting";
  client.version = packet.version;
  const fault = faultOf(packet);
  if (fault !== undefined) return client.refuse(...fault);
  note(client, packet);
  try {
    const identity = identify(client, packet);
    if (!(identity instanceof Promise)) return admit(client, packet, identity);
    identity.then((known) => admit(client, packet, known)).catch((error: unknown) => refuse(client, error));
  } catch (error) {
    refuse(client, error);
  }
}

/** Without a user name the password can only be a token, which MQTT 5 allows. */
function identify({ context }: MqttClient, { username, password }: ConnectPacket): Identity | Promise<Identity> {
  const { authenticator } = context.services;
  const text = password === undefined ? undefined : Buffer.from(password).toString();
  return username === undefined ? authenticator.authenticate(text) : authenticator.signIn(username, text);
}

function faultOf({
  version,
  clientId,
  cleanStart,
  properties,
}: ConnectPacket): [code: number, text: string] | undefined {
  if (properties?.authenticationMethod !== undefined)
    return [REASON.badMethod, "this server has no enhanced authentication"];
  // [MQTT-3.1.3-8 of 3.1.1]
  if (version === 4 && clientId === "" && !cleanStart)
    return [REASON.clientId, "a session that is kept needs a client id"];
  if (clientId.length > MAX_CLIENT_ID) return [REASON.clientId, `a client id has at most ${MAX_CLIENT_ID} characters`];
  return undefined;
}

/** Takes down what the packet says of the connection. */
function note(client: MqttClient, { clientId, keepAlive, will, properties }: ConnectPacket): void {
  const { settings, randomId } = client.context;
  client.clientId = clientId === "" ? `auto-${randomId()}` : clientId;
  client.will = will;
  if (will !== undefined) client.willId = randomId();
  client.patience = keepAliveOf(keepAlive, settings.maxKeepAlive) * 1500;
  client.explains = properties?.requestProblemInformation ?? true;
  client.maxPacket = properties?.maximumPacketSize ?? UNBOUNDED;
  client.maxInflight = Math.min(properties?.receiveMaximum ?? RECEIVE_MAXIMUM, settings.maxInflight);
  const aliases = Math.min(properties?.topicAliasMaximum ?? 0, settings.maxAliases);
  if (aliases > 0) client.aliasesOut = new AliasesOut(aliases);
}

function keepAliveOf(wanted: number, bound: number): number {
  if (bound === 0) return wanted;
  return wanted === 0 ? bound : Math.min(wanted, bound);
}

function refuse(client: MqttClient, error: unknown): void {
  if (client.phase === "closed") return;
  if (!(error instanceof AuthError)) return client.failed(error, "authenticating");
  client.refuse(error.reason === "unavailable" ? REASON.unavailable : REASON.badCredentials, error.message);
}

function admit(client: MqttClient, packet: ConnectPacket, identity: Identity): void {
  if (client.phase === "closed") return;
  client.identity = identity;
  const fault = packet.will && willFault(client.context.services, identity, packet.will);
  if (fault !== undefined) return client.refuse(...fault);
  const key = `${identity.user ?? ""}\n${client.clientId}`;
  const { roster } = client.context;
  // Before its user's connections are counted: this one is to take its place.
  roster.get(key)?.takenOver();
  const error = openSession(client.session, identity);
  if (error !== undefined) return client.refuse(refusalOf(error.reason), error.message);
  roster.claim(key, () => enter(client, packet, key)).catch((fault: unknown) => client.failed(fault, "connecting"));
}

function refusalOf(reason: Parameters<typeof reasonOfError>[0]): number {
  return reason === "rate_limited" ? REASON.quota : reasonOfError(reason);
}

/** Nobody else has the client id now. */
async function enter(client: MqttClient, packet: ConnectPacket, key: string): Promise<void> {
  if (client.phase === "closed") return;
  const { context } = client;
  const expiry = expiryOf(packet, context.settings.maxSessionExpiry);
  const taken = await takeSession(client, { key, cleanStart: packet.cleanStart, expiry });
  if (taken === undefined) return refuseSession(client);
  const { resumed, ledger, claim } = taken;
  const hold = resumed && context.services.hub.hold(() => wishesOf(resumed));
  const shares = resumed && context.shared.hold(() => sharedWishesOf(resumed));
  try {
    await Promise.all([hold?.ready, shares?.ready]);
    // The connection may have gone while the store worked.
    if (hasLeft(client)) return await letGo(client, expiry, ledger);
    begin(client, packet, { resumed, ledger, key, claim, expiry });
  } catch (error) {
    await letGo(client, expiry, ledger);
    throw error;
  } finally {
    hold?.end();
    shares?.end();
  }
}

function refuseSession(client: MqttClient): void {
  if (hasLeft(client)) return;
  const { most } = client.context.bound;
  client.refuse(
    REASON.quota,
    `this server keeps no more than ${most} sessions; one that ends with its connection can be had`,
  );
}

interface Entry extends TakenSession {
  readonly key: string;
  readonly expiry: number;
}

function begin(client: MqttClient, packet: ConnectPacket, { resumed, ledger, key, claim, expiry }: Entry): void {
  const { context } = client;
  const arrival = { key, claim, at: context.rivals?.stamp() ?? context.services.clock.now() };
  client.state = new SessionState(arrival, expiry, ledger);
  if (client.state.progress !== undefined) client.state.progress.keptUntil = arrival.at + expiry * 1000 + DAY;
  context.roster.add(key, client);
  context.rivals?.announce(arrival);
  welcome(client, packet, resumed === undefined ? undefined : resume(client, resumed));
}

/** The client did not get as far as to have its session. */
async function letGo({ context }: MqttClient, expiry: number, ledger: Ledger | undefined): Promise<void> {
  if (expiry === 0) ledger?.note({ kind: "delete" });
  ledger?.note({ kind: "owner", owner: undefined });
  ledger?.note({ kind: "note", text: writeNote({ expiry }) });
  ledger?.note({ kind: "expires", at: context.services.clock.now() + expiry * 1000 });
  await ledger?.close();
}

function hasLeft(client: MqttClient): boolean {
  return client.phase === "closed";
}

function expiryOf({ version, cleanStart, properties }: ConnectPacket, most: number): number {
  const wanted = version === 5 ? (properties?.sessionExpiryInterval ?? 0) : cleanStart ? 0 : FOR_EVER;
  return Math.min(wanted, most);
}

function welcome(client: MqttClient, packet: ConnectPacket, resumption: Resumption | undefined): void {
  const properties = packet.version === 5 ? propertiesOf(client, packet) : undefined;
  const sessionPresent = resumption !== undefined;
  const connack = { type: "connack", sessionPresent, code: REASON.success, properties } as const;
  const bytes = encodeWithin(connack, client.version, client.maxPacket);
  // A client that cannot be answered would wait for ever. [MQTT-3.1.2-24]
  if (bytes === undefined) return client.close(REASON.tooLarge, "CONNACK is larger than the client takes");
  client.link.send(bytes);
  resumption?.begin();
  client.opened();
}

/** Only what differs from what the client would assume. */
function propertiesOf(client: MqttClient, { clientId, keepAlive, properties }: ConnectPacket): MqttProperties {
  const { settings } = client.context;
  const { expiry } = client.state;
  const kept = client.patience / 1500;
  return {
    assignedClientIdentifier: clientId === "" ? client.clientId : undefined,
    sessionExpiryInterval: expiry === (properties?.sessionExpiryInterval ?? 0) ? undefined : expiry,
    serverKeepAlive: kept === keepAlive ? undefined : kept,
    receiveMaximum: settings.maxInflight,
    maximumPacketSize: settings.maxPacket,
    topicAliasMaximum: settings.maxAliases,
  };
}
