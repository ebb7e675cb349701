import { OptionsError, type Options, startupFault, startupNotice } from "@tidegate/server";
import { type ConfigFlags, loadHere } from "../config/source.ts";
import type { Context } from "../context.ts";
import { count } from "../text/numbers.ts";
import type { Finding } from "./finding.ts";

export interface Configuration {
  /** The defaults, if the configuration is wrong: the other checks can still be made. */
  readonly options: Options;
  readonly findings: readonly Finding[];
}

/** What `tidegate serve` would read here. */
export function checkConfiguration(flags: ConfigFlags, context: Context): Configuration {
  try {
    const { options, rows } = loadHere(flags, context);
    const set = rows.filter(({ origin }) => origin.source !== "default");
    const found = set.length === 0 ? "everything at its default" : `${count(set.length, "value")} set`;
    return { options, findings: [line("values", "ok", found), authentication(options)] };
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const findings = error.faults.map((fault) => line("values", "fail", fault, "tidegate config check FILE"));
    return {
      options: loadHere({}, { ...context, terminal: { ...context.terminal, env: {}, cwd: "/" } }).options,
      findings,
    };
  }
}

function authentication(options: Options): Finding {
  const fault = startupFault(options);
  if (fault !== undefined)
    return line(
      "authentication",
      "fail",
      fault,
      "tidegate serve --http-host 127.0.0.1, or set auth.jwt, auth.keys or auth.users",
    );
  const notice = startupNotice(options);
  if (notice === undefined) return line("authentication", "ok", "clients need a token or a key");
  return line("authentication", "ok", "none: everyone on this machine may connect; others cannot reach it");
}

function line(name: string, level: Finding["level"], found: string, fix?: string): Finding {
  return { group: "Configuration", name, level, found, fix };
}
