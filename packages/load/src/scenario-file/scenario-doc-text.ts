import { VARIABLES } from "../engine/template.ts";

/** What stands for the variables of templates. */
const MEANINGS: Readonly<Record<(typeof VARIABLES)[number], string>> = {
  id: "a number of nine digits, unlike all others of its connection",
  topic: "the topic, as it is",
  escaped: "the topic, escaped for a URL",
  client: "number of the client in its population, from 0",
  token: "`target.token`",
  payload: 'the message: JSON, `{"text":"…"}`, of the population\'s size',
  text: "the same without the JSON around it",
};

const VARIABLE_ROWS = VARIABLES.map((name) => `| \`{${name}}\` | ${MEANINGS[name]} |`).join("\n");

export const HEAD = `# Scenarios of \`tidegate load\`

<!-- Made from the table in packages/load/src/scenario-file by packages/load/scripts/write-scenarios.ts. Do not edit. -->

Every key of a scenario file. How to begin is in the [guide](guides/load-test.md), and what comes out in
[load-results.md](load-results.md). The file is YAML. A wrong one is refused with everything that is wrong in it; a key that is
not here is wrong, too. \`--set populations[0].publish.rate=200\` changes one value for one run.

\`\`\`yaml
name: Chat in rooms
target:
  urls: ws://127.0.0.1:8080/ws
populations:
  - name: members
    count: 100
    subscribe: { topic: "chat/room_{room}", rooms: 10 }
    publish: { topic: "chat/room_{room}", rooms: 10, rate: 50/s }
phases:
  - { phase: ramp, for: 2s }
  - { phase: hold, for: 10s }
limits:
  p99: 100ms
\`\`\`

- A **duration** is a number with \`ms\`, \`s\`, \`m\` or \`h\`: \`500ms\`, \`10s\`. \`0\` needs no unit.
- A **size** is a number of bytes, or one with \`B\`, \`KB\` or \`MB\`; 1 KB is 1,024 bytes.
- A **rate** is a number a second, or one with \`/s\`, \`/m\` or \`/h\`: \`500/s\`, \`30/m\`.
- A **percentage** is a number with \`%\`.
- A **range** is two values with two dots: \`64..2KB\`, \`1s..5s\`. Each time any value between them is taken.
`;

const WEBSOCKET = `What a server that speaks text over WebSocket sends and gets. Frames to send are templates:

| variable | what stands for it |
|---|---|
${VARIABLE_ROWS}

Patterns of frames that come are text in which \`*\` stands for anything and \`{id}\` for the number of the frame that is answered.
Other braces stand for themselves. In order, a frame is taken for the step that is waited for, an acknowledgement, a delivery, something
to answer, an error; others are passed over.`;

/** What a table of keys cannot say, by the section's path. */
export const NOTES: Readonly<Record<string, string>> = {
  target: "`tidegate` is `websocket` with the frames of Tidegate's JSON protocol.",
  websocket: WEBSOCKET,
  "websocket.subscribe": "Not needed where connecting is enough to hear everything.",
  http: "Path and body are templates with the variables of [websocket](#websocket).",
  sse: "A template with the same variables; `{topic}` is the escaped one here. Each connection is of one topic.",
  agents:
    "An agent is a process that holds connections and makes load. `tidegate load agent` starts one on another machine.",
  "populations[]":
    "A population needs `subscribe`, `publish`, both or neither: clients that only stay are a load, too.",
  "populations[].publish":
    "Either `rate` or `window`. With `rate` messages leave on schedule, and latency counts from the moment at which each was due. With `window` a slow server slows its own load: such a latency counts from the send, and says nothing of what would have come meanwhile.",
  "phases[]":
    "A ramp is needed: nobody is connected before. Before `down`, or after the last phase, what is under way is waited for.",
  limits:
    "The run fails, with exit code 1, where one is not kept. Latency is that of hold and storm phases. A search goes beyond what a server can: there only `repeated` and `reordered` count.",
  search:
    "Ramps are done as they stand, hold and storm are left out. The rate is doubled while the goal is kept, then the distance is halved; rates are of all populations together, each keeps its share. A trial that grows a queue shows that in its P99: the longer the trials, the closer the result.",
};
