/** Resolves when the URL answers with 200; until then it is asked again and again. Rejects after so many milliseconds. */
export async function answers(url: string, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await Bun.sleep(20);
  }
  throw new Error(`${new URL(url).pathname} did not turn 200 within ${milliseconds / 1000} s`);
}
