import { OptionsError, type Options, startupFault } from "@tidegate/server";
import { type ConfigFlags, loadHere } from "../config/source.ts";
import type { Terminal } from "../terminal.ts";

/**
 * What the server runs with. Log lines are for people when a person reads them, unless somebody set how they are.
 *
 * @throws OptionsError
 */
export function readOptions(flags: ConfigFlags, terminal: Terminal): Options {
  const { options, rows } = loadHere(flags, { terminal });
  const fault = startupFault(options);
  if (fault !== undefined) throw new OptionsError([fault]);
  const unset = rows.some(({ path, origin }) => path === "observe.logPretty" && origin.source === "default");
  if (!unset || !terminal.errIsTty) return options;
  return { ...options, observe: { ...options.observe, logPretty: true } };
}
