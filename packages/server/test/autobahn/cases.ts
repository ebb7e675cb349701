/** Which cases of the suite a run has, as its patterns. */
export interface CaseLists {
  readonly plain: readonly string[];
  readonly compressed: readonly string[];
}

const PROTOCOL = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"];
const LARGE_MESSAGES = ["9.*"];

/** Everything: about a quarter of an hour, nearly all of it spent by the Python side on compression. */
export const ALL: CaseLists = {
  plain: [...PROTOCOL, ...LARGE_MESSAGES],
  compressed: [...PROTOCOL, ...LARGE_MESSAGES, "12.*", "13.*"],
};

/**
 * Groups of compression cases: 12.1 to 12.5 by kind of payload, 13.1 to 13.7 by what is negotiated. Each has 18 sizes:
 * 1 to 10 from 16 bytes to 128 KB in one frame, 11 to 18 from 8 KB to 128 KB in frames of 256 bytes and more.
 */
const GROUPS = ["12.1", "12.2", "12.3", "12.4", "12.5", "13.1", "13.2", "13.3", "13.4", "13.5", "13.6", "13.7"];
const SMALL = [1, 2, 3, 4, 5, 6, 11];
const LARGEST = ["12.2.10", "12.2.18", "13.3.10", "13.3.18"];

/** All cases without compression; with it, the sizes up to 8 KB of every group and four of the largest, without 9.*. */
export const USUAL: CaseLists = {
  plain: ALL.plain,
  compressed: [...PROTOCOL, ...GROUPS.flatMap((group) => SMALL.map((size) => `${group}.${size}`)), ...LARGEST],
};
