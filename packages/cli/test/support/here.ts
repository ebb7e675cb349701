import { systemClock } from "@tidegate/server";
import type { Context } from "../../src/context.ts";
import { report } from "../../src/exit.ts";
import { program } from "../../src/program.ts";
import type { Terminal } from "../../src/terminal.ts";
import type { Finished } from "./child.ts";

export interface HereOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly fetch?: Context["fetch"];
  readonly clock?: Context["clock"];
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** The standard input is typed into a terminal; told when it is to show what is typed, and when not. */
  readonly typed?: { setEcho(isOn: boolean): void };
}

/** The command in this process: fast, and with a network of the test's own. */
export async function runHere(args: readonly string[], options: HereOptions = {}): Promise<Finished> {
  const { fetch = noNetwork, clock = systemClock } = options;
  const heard = { code: 0, out: "", err: "" };
  const terminal = fakeTerminal(options, heard);
  const random = (bytes: Uint8Array<ArrayBuffer>): unknown => crypto.getRandomValues(bytes);
  const context: Context = { terminal, clock, fetch, random, exit: (code) => (heard.code = code) };
  try {
    await program(context).parseAsync(args, { from: "user" });
  } catch (error) {
    heard.code = report(error, terminal);
  }
  return heard;
}

export function fakeTerminal(
  { env = {}, cwd = "/", stdin = "", typed }: HereOptions,
  heard: { out: string; err: string },
): Terminal {
  return {
    out: (text) => {
      heard.out += text;
      return Promise.resolve();
    },
    err: (text) => void (heard.err += text),
    flush: () => Promise.resolve(),
    outIsTty: false,
    errIsTty: false,
    inIsTty: typed !== undefined,
    input: () => new Blob([stdin]).stream(),
    setEcho: (isOn) => typed?.setEcho(isOn),
    env,
    cwd,
    onSignal: () => () => {},
  };
}

function noNetwork(): Promise<Response> {
  return Promise.reject(Object.assign(new TypeError("no network in this test"), { code: "ECONNREFUSED" }));
}
