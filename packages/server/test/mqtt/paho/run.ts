import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadOptions } from "../../../src/options/index.ts";
import { startServer } from "../../../src/main.ts";
import { freePort } from "../../support/free-port.ts";

/**
 * `npm run paho`: Eclipse Paho's interoperability suites for MQTT 3.1.1 and 5.0 against this server. They are not ours, so
 * they are not in this repository, and nothing is fetched.
 */
const HOW_TO_GET_THEM = `The suites are not there. To have them: get the repository eclipse/paho.mqtt.testing and put its folder
"interoperability" to tmp/paho/interoperability, or name the folder: npm run paho -- <folder>. Python 3 runs them.`;

const SUITES = ["client_test.py", "client_test5.py"];
const root = join(import.meta.dir, "../../../../..");
const folder = process.argv[2] ?? join(root, "tmp/paho/interoperability");

if (!SUITES.every((suite) => existsSync(join(folder, suite)))) {
  console.error(HOW_TO_GET_THEM);
  process.exit(2);
}
const port = freePort();
const env = { TIDEGATE_MQTT_PORT: String(port), TIDEGATE_OBSERVE_LOG_LEVEL: "warn" };
const server = await startServer(loadOptions({ file: join(import.meta.dir, "tidegate.yaml"), env, flags: {} }));
const failed: string[] = [];
for (const suite of SUITES) if (!(await run(suite))) failed.push(suite);
server.stop("end of the suites");
await server.ended;
console.log(failed.length === 0 ? "Both suites passed." : `FAILED: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);

async function run(suite: string): Promise<boolean> {
  const command = ["python3", join(import.meta.dir, "suite.py"), suite, "-p", String(port)];
  const child = Bun.spawn(command, { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const tests = errors.split("\n").filter((line) => /^(test_\w+ .*|Ran \d+|OK|FAILED|FAIL:|ERROR:)/.test(line));
  console.log(`${suite}\n  ${tests.join("\n  ")}`);
  const passed = (await child.exited) === 0;
  if (!passed) console.error(errors);
  return passed;
}
