import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { cleanUp, launch, linesOf, makeFolder, reads } from "./launched.ts";

const TRAP = `
  let count = 0;
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) {
    process.on(name, () => {
      console.log(name);
      count++;
      if (count === Number(process.argv[2])) process.exit(5);
    });
  }
  setInterval(() => {}, 1000);
  console.log("ready");
`;

afterEach(cleanUp);

test("LN1 arguments, environment, input, output and exit code pass through", async () => {
  const file = await makeFolder({
    "main.ts": `
      console.error(process.env.LN1);
      console.log(JSON.stringify(process.argv.slice(2)), await Bun.stdin.text());
      process.exit(7);`,
  });
  const child = launch([join(file, "main.ts"), "a b", "--flag", ""], { LN1: "from outside" });
  await child.stdin.write("typed");
  await child.stdin.end();
  expect(await new Response(child.stdout).text()).toBe('["a b","--flag",""] typed\n');
  expect(await new Response(child.stderr).text()).toBe("from outside\n");
  expect(await child.exited).toBe(7);
});

test("LN2 every signal goes on, also a second one, and the program's exit code comes back", async () => {
  const folder = await makeFolder({ "main.ts": TRAP });
  const child = launch([join(folder, "main.ts"), "4"]);
  const lines = linesOf(child.stdout);
  await reads(lines, "ready");
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGTERM"] as const) {
    child.kill(signal);
    await reads(lines, signal);
  }
  expect(await child.exited).toBe(5);
});

test("LN3 a program ended by a signal ends the launcher by it", async () => {
  const child = launch(["-e", `process.kill(process.pid, "SIGKILL")`]);
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
});

test("LN8 one Ctrl-C in a terminal is one SIGINT", async () => {
  const folder = await makeFolder({ "main.ts": TRAP });
  let seen = "";
  const child = Bun.spawn(["node", "scripts/bun.mjs", join(folder, "main.ts"), "2"], {
    terminal: { data: (_, bytes) => void (seen += new TextDecoder().decode(bytes)) },
  });
  await until(() => seen.includes("ready"));
  child.terminal?.write("\x03");
  await until(() => seen.includes("SIGINT"));
  // Sent after it: when this one is seen, a doubled SIGINT would have been seen before it.
  child.kill("SIGTERM");
  expect(await child.exited).toBe(5);
  expect(seen.match(/SIG\w+/g)).toEqual(["SIGINT", "SIGTERM"]);
});

test("LN9 npm forwards a SIGTERM and nothing stays behind", async () => {
  const launcher = join(import.meta.dir, "../bun.mjs");
  const folder = await makeFolder({
    "main.ts": TRAP,
    "package.json": JSON.stringify({ scripts: { start: `node ${launcher} main.ts 1` } }),
  });
  const child = Bun.spawn(["npm", "start", "--silent"], { cwd: folder, stdout: "pipe", stderr: "ignore" });
  const lines = linesOf(child.stdout);
  await reads(lines, "ready");
  child.kill("SIGTERM");
  await reads(lines, "SIGTERM");
  // The end of the output: the launcher and the program hold it open as long as they run.
  expect((await lines.next()).done).toBe(true);
});

test("LN10 a killed launcher leaves nothing behind", async () => {
  const folder = await makeFolder({ "main.ts": TRAP });
  const child = launch([join(folder, "main.ts"), "1"]);
  const lines = linesOf(child.stdout);
  await reads(lines, "ready");
  child.kill("SIGKILL");
  expect((await lines.next()).done).toBe(true);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
