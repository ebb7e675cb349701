/** Bounds of the protocol itself; what an operator may set is in the server's options. */
export const LIMITS = {
  /** Bytes of a topic or filter in UTF-8: MQTT's own bound is 65,535; this is past every real use. */
  topicBytes: 1024,
  /** Levels of a topic: bounds the depth of the router's trie. */
  topicLevels: 32,
  /** Largest command id: 32 bits, so that every language and Protobuf has a plain type for it. */
  commandId: 0xffff_ffff,
  /** Characters of an epoch: random, 22 characters carry 128 bits. */
  epochChars: 64,
  /** Characters of the client's name and version. */
  clientChars: 128,
  /** Characters of a message id: a UUID has 36. */
  messageIdChars: 128,
  /** Headers of a message, and characters of one name and of one value. */
  headers: 32,
  headerNameChars: 128,
  headerValueChars: 2048,
  /** Characters of a token: JWTs with many claims stay under 8 KB, the usual bound of HTTP headers. */
  tokenChars: 8192,
  /** Characters of the JSON that a member tells of itself. */
  presenceInfoChars: 1024,
  /** Commands in one frame. */
  commandsPerFrame: 1000,
  /** Messages in one history answer. */
  historyPage: 1000,
  /** Unacknowledged messages of one subscription. */
  ackWindow: 10_000,
} as const;
