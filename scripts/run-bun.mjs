import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { findBun } from "./find-bun.mjs";

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP"];
/** A terminal sends these to all processes of its foreground group, so Bun has them already. */
const FROM_TERMINAL = new Set(["SIGINT", "SIGHUP"]);
/** Milliseconds between two looks at whether npm is still there. */
const PARENT_CHECK = 200;

/**
 * Runs Bun with these arguments in this process's place, as nearly as Node can: same input, output and environment; signals
 * go on to it, every one; this process ends when it ends, with its exit code or by its signal.
 */
export function runBun(args) {
  // --no-orphans: if this process is killed with SIGKILL, Bun does not stay behind with a port that nobody can explain.
  const child = spawn(locate(), ["--no-orphans", ...args], { stdio: "inherit" });
  for (const signal of FORWARDED) process.on(signal, () => forward(child, signal));
  if (process.env.npm_lifecycle_event !== undefined) endWithParent(child);
  child.on("error", (error) => fail(`Bun did not start: ${error.message}`));
  child.on("exit", (code, signal) => leave(code, signal));
}

/** Forwarding what the terminal has sent too would look like a second Ctrl-C, which ends a server without a drain. */
function forward(child, signal) {
  if (FROM_TERMINAL.has(signal) && inForeground()) return;
  child.kill(signal);
}

/**
 * npm runs scripts in a shell and sends its signals to that shell, which dies of them and tells nobody: a SIGTERM to
 * `npm start` would leave a server behind. A process whose parent died has another one.
 */
function endWithParent(child) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill("SIGTERM");
  }, PARENT_CHECK);
  timer.unref();
}

/** Whether this process is in the group that the terminal's keys reach. */
function inForeground() {
  try {
    // After the name in parentheses: state, parent, group, session, terminal, the terminal's foreground group. [proc(5)]
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return process.stdin.isTTY === true;
  }
}

function locate() {
  try {
    return findBun(import.meta.url);
  } catch (error) {
    return fail(error.message);
  }
}

function leave(code, signal) {
  if (signal === null) process.exit(code ?? 1);
  for (const name of FORWARDED) process.removeAllListeners(name);
  process.kill(process.pid, signal);
  // The signal may be one that does not end a Node process: then as a shell would tell it.
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
