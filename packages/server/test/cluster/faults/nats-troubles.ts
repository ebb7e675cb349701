import { until } from "../../support/until.ts";
import { burst, PRIORITIES, type Refused } from "./burst.ts";
import { Filler } from "./filler.ts";
import { PATIENCE, Scene, type SceneLoad, type SceneReport } from "./scene.ts";
import type { StandOptions } from "./stand.ts";
import { Strait } from "./strait.ts";
import { Watch } from "./watch.ts";

export interface TroubleLoad extends SceneLoad {
  /** Milliseconds that the trouble lasts. */
  readonly lasts: number;
}

export interface TroubleReport extends SceneReport {
  /** For each gateway: milliseconds until it said that it is not ready, and after the end until it said that it is; undefined: never. */
  readonly unready: readonly (number | undefined)[];
  readonly ready: readonly (number | undefined)[];
  /** From the end until a client was whole; milliseconds. */
  readonly whole: readonly number[];
}

interface Trouble {
  begin(scene: Scene): void | Promise<void>;
  end(scene: Scene): void | Promise<void>;
}

export interface SlowReport extends TroubleReport {
  /** What a gateway that may have few messages waiting turned away of a burst. */
  readonly refusals: Refused;
}

/** Messages of each priority: more than may wait. */
const BURST = 40;

/** NATS stands still, and goes on. */
export async function slowNats(load: TroubleLoad): Promise<SlowReport> {
  let refusals: Promise<Refused> | undefined;
  const begin = async ({ stand: { cluster } }: Scene): Promise<void> => {
    await cluster.nats.pause();
    refusals = burst(cluster.gateways[0]?.url ?? "", BURST);
  };
  const end = ({ stand }: Scene): void => stand.cluster.nats.resume();
  const report = await trouble(load, { variables: { LOG_QUEUE_MESSAGES: "100" } }, { begin, end });
  return { ...report, refusals: (await refusals) ?? { shed: [], final: [] } };
}

/** One gateway of three cannot reach NATS, and nothing tells it so. */
export async function partition(load: TroubleLoad): Promise<TroubleReport> {
  const straits: Strait[] = [];
  const natsFor = async (index: number, url: string): Promise<string> => {
    if (index > 0) return url;
    const strait = await Strait.to(Number(new URL(url).port));
    straits.push(strait);
    return strait.url;
  };
  try {
    return await trouble(load, { natsFor }, { begin: () => straits[0]?.cut(), end: () => straits[0]?.mend() });
  } finally {
    for (const strait of straits) await strait[Symbol.asyncDispose]();
  }
}

export interface FullReport extends TroubleReport {
  /** When each priority was first refused, from the lowest to the highest; milliseconds from the beginning, undefined: never. */
  readonly refusedAfter: readonly (number | undefined)[];
}

/** Bytes of one message: some hundreds of them fill the log. */
const LARGE = 8000;

/** Somebody publishes more than the log holds. Retention makes room every few seconds, and all is well when that somebody stops. */
export async function fullNats(load: TroubleLoad): Promise<FullReport> {
  const fillers: Filler[] = [];
  let began = 0;
  const begin = ({ stand }: Scene): void => {
    began = performance.now();
    fillers.push(...PRIORITIES.map((priority) => new Filler(stand.cluster.url, priority, LARGE)));
  };
  const end = async (): Promise<void> => {
    // How long it takes to fill the log is up to the machine.
    const late = performance.now() + PATIENCE;
    await until(() => fillers.every(({ refusedAt }) => refusedAt !== undefined) || performance.now() > late);
    for (const filler of fillers) filler.stop();
  };
  const report = await trouble(load, { variables: { LOG_MAX_BYTES: "8MB" } }, { begin, end });
  return { ...report, refusedAfter: fillers.map(({ refusedAt }) => refusedAt && refusedAt - began) };
}

async function trouble({ lasts, ...load }: TroubleLoad, options: StandOptions, { begin, end }: Trouble) {
  await using scene = await Scene.open(load, options);
  const { gateways } = scene.stand.cluster;
  const pids = gateways.map(({ pid }) => pid);
  const watches = gateways.map((gateway) => new Watch(gateway));
  const allReady = (): boolean => watches.every(({ status }) => status === 200);
  await until(allReady);
  const began = performance.now();
  await begin(scene);
  await Bun.sleep(lasts);
  await end(scene);
  const ended = performance.now();
  const whole = await scene.wholeAgain();
  await until(() => allReady() || performance.now() - ended > PATIENCE);
  for (const watch of watches) watch.stop();
  for (const [i, { name, pid }] of gateways.entries()) if (pid !== pids[i]) scene.ledger.fault(`${name} ended`);
  const report: TroubleReport = {
    ...(await scene.close()),
    unready: watches.map((watch) => watch.saidAfter(began, 503)),
    ready: watches.map((watch) => watch.saidAfter(ended, 200)),
    whole,
  };
  return report;
}
