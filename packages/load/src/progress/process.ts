import { wantsColour } from "./paint.ts";
import type { ProgressSurroundings } from "./live.ts";

/** The standard error of this process. */
export function processProgress(): ProgressSurroundings {
  const { stderr } = process;
  const size = () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 });
  return {
    write: (text) => void stderr.write(text),
    size: stderr.isTTY === true && process.env["TERM"] !== "dumb" ? size : undefined,
    colour: stderr.isTTY === true && wantsColour(process.env),
    now: () => performance.now(),
    every(ms, call) {
      const timer = setInterval(call, ms);
      return () => clearInterval(timer);
    },
    atExit(call) {
      process.once("exit", call);
      return () => void process.off("exit", call);
    },
  };
}
