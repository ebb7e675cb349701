/** A metric without labels; undefined if the gateway does not answer. */
export async function metricOf(url: string, name: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000), keepalive: false });
    const line = (await answer.text()).split("\n").find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  } catch {
    return undefined;
  }
}
