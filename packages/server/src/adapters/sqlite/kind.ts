import type { Database } from "bun:sqlite";

/** What tells one kind of our files from another; all are opened, checked, locked and closed alike. */
export interface FileKind {
  /** As it stands in a sentence: "the … file". */
  readonly noun: string;
  /** Name of the error when it is refused. */
  readonly refusal: string;
  /** What it means to start with an empty one. */
  readonly loss: string;
  /** In the file's header, where tools such as `file` look. */
  readonly applicationId: number;
  /** Of the tables. A later version is refused, the one before it is converted. */
  readonly version: number;
  readonly schema: string;
  /** Tables that are checked also in a file too large to be checked whole. */
  readonly smallTables: readonly string[];
  /** Makes the tables of this version from those of the one before. Absent for a first version. */
  convert?(db: Database): void;
  /** Puts in what a new file holds besides its tables. */
  fill?(db: Database): void;
  /** What is wrong with the content, as part of a sentence; undefined if nothing is. Not `whole`: only what is quick. */
  fault?(db: Database, whole: boolean): string | undefined;
}
