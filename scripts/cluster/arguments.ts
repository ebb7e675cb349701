import { parseArgs } from "node:util";

export interface Arguments {
  readonly gateways: number;
  readonly port: number;
  readonly mqttPort: number;
  readonly directory: string;
  readonly fresh: boolean;
  readonly restart: boolean;
}

export const HELP = `npm run cluster -- [options]

  --gateways <n>    how many (3, from 1 to 16)
  --port <n>        the port of all of them together (8080; 0: a free one); theirs are the next ones
  --mqtt-port <n>   the same for MQTT (1883; 0: a free one)
  --restart         start a gateway again when it ends; without it, Enter does
  --dir <folder>    where NATS and the gateways keep their data (tmp/cluster)
  --fresh           begin without the data of the last time

NATS and some gateways on this machine, one topic space. Ctrl-C stops them in order, a second one at once.`;

/** Undefined: the help is asked for. Throws an Error that says what is wrong with an argument. */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      gateways: { type: "string", default: "3" },
      port: { type: "string", default: "8080" },
      "mqtt-port": { type: "string", default: "1883" },
      dir: { type: "string", default: "tmp/cluster" },
      fresh: { type: "boolean", default: false },
      restart: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    gateways: number("--gateways", values.gateways, 1, 16),
    port: number("--port", values.port, 0, 65_535),
    mqttPort: number("--mqtt-port", values["mqtt-port"], 0, 65_535),
    directory: values.dir,
    fresh: values.fresh,
    restart: values.restart,
  };
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new Error(`${name}: "${text}" is not a whole number from ${min} to ${max}`);
  return value;
}
