/**
 * The wire's version and the hash of all that is on it (tidegate.proto, the JSON fields, codes). A test computes the
 * hash anew; whoever changes the wire raises the version and writes the new hash here.
 */
export const PROTOCOL_VERSION = 1;
export const WIRE_HASH = "e4d237eb219eaff6";
