/** Writes one message's changes of a session; the numbers go up from 1. */
export type Write = (packet: number) => Promise<void>;

/** A store of sessions that is measured. */
export interface Subject {
  readonly name: string;
  /** Of its server, if it has one. */
  readonly pid: number | undefined;
  session(id: string): Promise<Write>;
  close(): Promise<void>;
}

/** What stands in a session before anything is written. */
export const FILTER = "plant/+/t";
export const SUBSCRIPTION = '{"options":{"qos":1},"since":[]}';
export const EPOCH = "epoch-of-the-log";
