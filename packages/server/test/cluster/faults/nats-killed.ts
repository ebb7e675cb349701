import { percentile } from "./figures.ts";
import { Scene, type SceneLoad, type SceneReport } from "./scene.ts";

export interface NatsKills extends SceneLoad {
  readonly rounds: number;
  /** Milliseconds of load before each kill, and until NATS starts again. */
  readonly moment: () => number;
  readonly away: () => number;
  readonly say: (line: string) => void;
}

export interface NatsKillsReport extends SceneReport {
  /** From the return of NATS until a client was whole; milliseconds, of all clients and rounds. */
  readonly whole: readonly number[];
}

/** Kills NATS under load and starts it again with what it had stored. */
export async function killNats({ rounds, moment, away, say, ...load }: NatsKills): Promise<NatsKillsReport> {
  await using scene = await Scene.open(load);
  const { nats } = scene.stand.cluster;
  const whole: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    await Bun.sleep(moment());
    await nats.kill();
    await Bun.sleep(away());
    await nats.start();
    const times = await scene.wholeAgain();
    whole.push(...times);
    say(`round ${round}: whole again at P99 after ${percentile(times, 0.99).toFixed(0)} ms`);
  }
  return { ...(await scene.close()), whole };
}
