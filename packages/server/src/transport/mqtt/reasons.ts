import { CLOSES, type CloseReason, type ErrorReason } from "@tidegate/protocol";

/** Reason codes of MQTT 5 that this server uses by name. [MQTT 5, 2.4] */
export const REASON = {
  success: 0x00,
  noSubscription: 0x11,
  unspecified: 0x80,
  protocolError: 0x82,
  implementation: 0x83,
  clientId: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  unavailable: 0x88,
  busy: 0x89,
  shuttingDown: 0x8b,
  badMethod: 0x8c,
  keepAlive: 0x8d,
  takenOver: 0x8e,
  filterInvalid: 0x8f,
  topicInvalid: 0x90,
  idNotFound: 0x92,
  receiveMaximum: 0x93,
  aliasInvalid: 0x94,
  tooLarge: 0x95,
  rate: 0x96,
  quota: 0x97,
  administrative: 0x98,
  retain: 0x9a,
  useAnother: 0x9c,
  maximumConnectTime: 0xa0,
} as const;

/** What the gateway's errors are in MQTT. Temporary ones are such that a client may try again. */
const OF_ERROR: Partial<Record<ErrorReason, number>> = {
  malformed: REASON.protocolError,
  invalid_argument: REASON.topicInvalid,
  unauthenticated: REASON.badCredentials,
  token_expired: REASON.badCredentials,
  forbidden: REASON.notAuthorized,
  too_large: REASON.tooLarge,
  limit_reached: REASON.quota,
  not_enabled: REASON.implementation,
  unavailable: REASON.unavailable,
  overloaded: REASON.quota,
  rate_limited: REASON.quota,
  draining: REASON.busy,
  internal: REASON.unspecified,
};

export function reasonOfError(reason: ErrorReason): number {
  return OF_ERROR[reason] ?? REASON.unspecified;
}

const OF_CLOSE: Record<CloseReason, number> = {
  normal: REASON.success,
  malformed: REASON.protocolError,
  unauthenticated: REASON.notAuthorized,
  token_expired: REASON.notAuthorized,
  revoked: REASON.administrative,
  connect_timeout: REASON.maximumConnectTime,
  draining: REASON.shuttingDown,
  slow_consumer: REASON.quota,
  idle: REASON.keepAlive,
  overloaded: REASON.busy,
  internal: REASON.unspecified,
};

const BY_CODE: ReadonlyMap<number, number> = new Map(
  Object.entries(CLOSES).map(([reason, { code }]) => [code, OF_CLOSE[reason as CloseReason]]),
);

/** The reason code for a close code of the gateway. */
export function reasonOfClose(code: number): number {
  return BY_CODE.get(code) ?? REASON.unspecified;
}
