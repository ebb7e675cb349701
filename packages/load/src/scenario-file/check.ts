import type { Wrong } from "./read-tree.ts";
import type { PhaseSpec, PopulationSpec, Protocol, Scenario } from "./table.ts";

const SCHEMES: Readonly<Record<Protocol, readonly string[]>> = {
  tidegate: ["ws:", "wss:"],
  websocket: ["ws:", "wss:"],
  mqtt: ["mqtt:", "mqtts:"],
  sse: ["http:", "https:"],
  "http-publish": ["http:", "https:"],
};

/** JSON around a mark of 28 characters. */
const LEAST_PAYLOAD = 40;
const MOST_PAYLOAD = 8 * 1024 * 1024;

/** What a table cannot say: how the values fit together. */
export function checkScenario(scenario: Scenario): Wrong[] {
  const wrongs: Wrong[] = [];
  const say = (path: string, message: string): void => void wrongs.push({ path, message });
  for (const [i, population] of scenario.populations.entries())
    checkPopulation(population, scenario, (key, message) => say(`populations[${i}]${key}`, message));
  const names = scenario.populations.map(({ name }) => name);
  if (new Set(names).size < names.length) say("populations", "two have the same name");
  checkPhases(scenario, say);
  if (scenario.search !== undefined && !scenario.populations.some(({ publish }) => (publish?.rate ?? 0) > 0))
    say("search", "needs a population that publishes at a rate");
  if (scenario.agents.at.length > 0 && scenario.agents.secret === undefined)
    say("agents.secret", "is missing: it is what the agents were started with");
  return wrongs;
}

type Say = (path: string, message: string) => void;

function checkPopulation(population: PopulationSpec, { target, websocket }: Scenario, say: Say): void {
  const protocol = population.protocol ?? target.protocol;
  checkUrls(population.urls ?? target.urls, protocol, (message) =>
    say(population.urls === undefined ? ".protocol" : ".urls", message),
  );
  const { subscribe, publish } = population;
  if (protocol === "websocket" && websocket === undefined) say(".protocol", "websocket needs the frames in websocket:");
  if (protocol === "websocket" && publish !== undefined && websocket?.publish?.send === undefined)
    say(".publish", "websocket.publish.send is missing: how a message is sent");
  if (protocol === "http-publish" && subscribe !== undefined)
    say(".subscribe", "http-publish cannot subscribe; use sse");
  if (protocol === "sse" && publish !== undefined) say(".publish", "sse cannot publish; use http-publish");
  if (protocol === "sse" && subscribe === undefined) say(".subscribe", "is missing: what the stream is of");
  if (protocol === "sse" && subscribe !== undefined && subscribe.each !== 1)
    say(".subscribe.each", "must be 1 for sse");
  const answered = protocol !== "websocket" || websocket?.publish?.expect !== undefined;
  if (publish?.window !== undefined && !(protocol === "mqtt" ? publish.qos > 0 : answered))
    say(".publish.window", "a closed loop needs answers: websocket.publish.expect, or qos 1");
  if (publish !== undefined) checkPublish(publish, say);
}

function checkPublish(publish: NonNullable<PopulationSpec["publish"]>, say: Say): void {
  const { rate, window, bytes } = publish;
  if ((rate === undefined) === (window === undefined))
    say(".publish", "needs either rate (open loop) or window (closed loop)");
  if (bytes.min < LEAST_PAYLOAD || bytes.max > MOST_PAYLOAD)
    say(".publish.bytes", `must be from ${LEAST_PAYLOAD} bytes to ${MOST_PAYLOAD / 1024 / 1024}MB`);
}

function checkUrls(urls: readonly string[], protocol: Protocol, say: (message: string) => void): void {
  if (urls.length === 0) say("needs an address");
  for (const url of urls) {
    const scheme = URL.canParse(url) ? new URL(url).protocol : undefined;
    if (scheme === undefined) say(`${url.slice(0, 80)} is no URL`);
    else if (!SCHEMES[protocol].includes(scheme))
      say(`${protocol} has addresses that begin with ${SCHEMES[protocol].join(" or ")}, not ${scheme}`);
  }
}

function checkPhases({ phases }: Scenario, say: Say): void {
  for (const [i, { phase, load }] of phases.entries()) {
    const last = i === phases.length - 1;
    if (phase === "down" && !last) say(`phases[${i}].phase`, "down must be the last phase");
    if (phase === "down" && load !== undefined) say(`phases[${i}].load`, "down sends nothing");
  }
  if (!phases.some((phase: PhaseSpec) => phase.phase === "ramp")) say("phases", "needs a ramp: nobody would connect");
}
