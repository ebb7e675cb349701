/** What every part of the micro benchmarks is given. */
export interface Context {
  /** Messages of each codec, each way. */
  readonly messages: number;
  /** Patterns of the largest set of topic filters. */
  readonly patterns: number;
  /** Seconds of one measurement of the log and of fan-out. */
  readonly seconds: number;
  readonly rounds: number;
  /** Subscribers of the largest fan-out. */
  readonly subscribers: number;
  readonly entry: string | undefined;
  /** Says what goes on. */
  progress(text: string): void;
}
