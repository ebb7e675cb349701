import { percentile, spreadOf } from "./figures.ts";
import { interest } from "./interest.ts";
import { killGateways } from "./kill-gateways.ts";
import { killNats } from "./nats-killed.ts";
import { fullNats, partition, slowNats, type TroubleReport } from "./nats-troubles.ts";
import { rollingRestart } from "./rolling-restart.ts";

/** `small` is what CI runs on every change, `whole` what the cluster is to bear. */
export type Size = "small" | "whole";

export interface Verdict {
  readonly figures: readonly string[];
  /** What did not hold; none if all did. */
  readonly failures: readonly string[];
}

export type Bar = (size: Size, say: (line: string) => void) => Promise<Verdict>;

/** What a cluster must bear, by the names of `npm run cluster:faults -- --part`. */
export const BARS: Readonly<Record<string, Bar>> = {
  "kill-gateways": async (size, say) => {
    const load = size === "whole" ? { rounds: 20, members: 300, rate: 300 } : { rounds: 3, members: 120, rate: 150 };
    const moment = (): number => (size === "whole" ? 2000 + Math.random() * 4000 : 500 + Math.random() * 1000);
    const { back, ...counts } = await killGateways({ ...load, moment, say });
    return verdict(counts, [`clients of a killed gateway were back after ${spreadOf(back)}`], {
      "somebody was to be moved": back.length > 0,
      "P99 was to be back within 5 s": percentile(back, 0.99) <= 5000,
    });
  },

  "rolling-restart": async (size, say) => {
    const load =
      size === "whole" ? { members: 5000, rate: 100, spread: 5000, acceptRate: 400, acceptBurst: 100 } : SMALL_ROLLING;
    const report = await rollingRestart({ ...load, say });
    const { waits, away, unasked, excess, mostInASecond, codes } = report;
    const figures = [
      `from the word to go until they were back: ${spreadOf(waits)}; the spread was ${load.spread} ms`,
      `without a connection: ${spreadOf(away)}`,
      `new connections at one gateway: at most ${mostInASecond} in a second, allowed are ${load.acceptRate} and ${load.acceptBurst} at once`,
      `closed without a word before: ${unasked}`,
    ];
    return verdict(report, figures, {
      "each gateway was to end with 0": codes.every((code) => code === 0),
      "nobody was to wait longer than the spread and 2 s": Math.max(...waits) <= load.spread + 2000,
      "no gateway was to take connections faster than its limit": excess <= 0,
    });
  },

  "kill-nats": async (size, say) => {
    const load = size === "whole" ? { rounds: 10, members: 150, rate: 200 } : { rounds: 3, members: 60, rate: 100 };
    const moment = (): number => 500 + Math.random() * 2000;
    const report = await killNats({ ...load, moment, away: () => Math.random() * 2500, say });
    return verdict(report, troubleFigures(report), {
      "no client was to lose its connection": report.lost === 0,
      "all were to be whole within 3 s": Math.max(...report.whole) <= 3000,
    });
  },

  "slow-nats": async (size) => {
    const load = size === "whole" ? { members: 150, rate: 200, lasts: 8000 } : { members: 60, rate: 100, lasts: 6500 };
    const report = await slowNats(load);
    const { shed, final } = report.refusals;
    const [low = 0, normal = 0, high = 0] = shed;
    return verdict(
      report,
      [...troubleFigures(report), `of a burst were turned away: ${low} low, ${normal} normal, ${high} high`],
      {
        ...troubleHolds(report),
        "every gateway was to say that it is not ready": report.unready.every((ms) => ms !== undefined),
        "low priority was to be turned away most, and high least": low > normal && normal > high && final.length === 0,
      },
    );
  },

  partition: async (size) => {
    const load =
      size === "whole" ? { members: 150, rate: 200, lasts: 12_000 } : { members: 60, rate: 100, lasts: 6500 };
    const report = await partition(load);
    const [cut, ...others] = report.unready;
    return verdict(report, troubleFigures(report), {
      ...troubleHolds(report),
      "the gateway that was cut off was to say so": cut !== undefined,
      "the others were to stay ready": others.every((ms) => ms === undefined),
    });
  },

  "full-nats": async (size) => {
    const load =
      size === "whole" ? { members: 150, rate: 200, lasts: 20_000 } : { members: 60, rate: 100, lasts: 4000 };
    const report = await fullNats(load);
    const [low = Infinity, normal = Infinity, high = Infinity] = report.refusedAfter;
    const refused = report.refusedAfter.map((ms) => (ms === undefined ? "never" : `${(ms / 1000).toFixed(2)} s`));
    const figures = [
      ...troubleFigures(report),
      `low, normal and high priority were refused after ${refused.join(", ")}`,
    ];
    return verdict(report, figures, {
      ...troubleHolds(report),
      "low priority was to be refused first, and high last": low < normal && normal < high,
      "the gateways were to say that they are not ready": report.unready.every((ms) => ms !== undefined),
    });
  },

  interest: async (size) => {
    const load =
      size === "whole"
        ? { worth: 100, topicsEach: 100, messages: 10_000 }
        : { worth: 100, topicsEach: 20, messages: 1000 };
    const { received, sent, quiet, taken } = await interest(load);
    const [, ...others] = sent.map(({ messages }, i) => messages - (quiet[i]?.messages ?? 0));
    const figures = [
      `${received} messages for the one subscriber; NATS sent to the gateways: ${sent.map(({ messages }) => messages).join(", ")}`,
      `in as long a time without messages: ${quiet.map(({ messages }) => messages).join(", ")}`,
      `messages that the gateways took from the log: ${taken.join(", ")}`,
    ];
    return verdict({ faults: [] }, figures, {
      "the subscriber was to get each once": received === load.messages,
      "the others were to get none from NATS": others.every((count) => count < load.messages / 100),
      "the others were to take none": taken.slice(1).every((count) => count === 0),
    });
  },
};

const SMALL_ROLLING = { members: 300, rate: 60, spread: 2000, acceptRate: 80, acceptBurst: 20 } as const;

function troubleHolds({ ready, unready, lost, refused }: TroubleReport): Readonly<Record<string, boolean>> {
  return {
    "no client was to lose its connection": lost === 0,
    "publishes were to be told to come again": refused > 0,
    "who was not ready was to be ready again": unready.every((ms, i) => ms === undefined || ready[i] !== undefined),
  };
}

function troubleFigures(report: Pick<TroubleReport, "refused" | "lost"> & Partial<TroubleReport>): readonly string[] {
  const { refused, lost, unready = [], ready = [], whole } = report;
  const list = (times: readonly (number | undefined)[]): string =>
    times.map((ms) => (ms === undefined ? "never" : `${(ms / 1000).toFixed(2)} s`)).join(", ");
  return [
    `${refused} publishes were told to come again, ${lost} connections were lost`,
    ...(unready.length === 0
      ? []
      : [`said that they are not ready after: ${list(unready)}; ready after the end: ${list(ready)}`]),
    ...(whole === undefined ? [] : [`whole after ${spreadOf(whole)}`]),
  ];
}

function verdict(
  { faults, acknowledged, delivered }: { faults: readonly string[]; acknowledged?: number; delivered?: number },
  figures: readonly string[],
  holds: Readonly<Record<string, boolean>>,
): Verdict {
  const counts =
    acknowledged === undefined ? [] : [`${acknowledged} messages were acknowledged, ${delivered} delivered`];
  const broken = Object.entries(holds).flatMap(([what, holdsTrue]) => (holdsTrue ? [] : [what]));
  return { figures: [...counts, ...figures], failures: [...faults, ...broken] };
}
