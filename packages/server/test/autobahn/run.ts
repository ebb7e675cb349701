import { join } from "node:path";
import { parseArgs } from "node:util";
import { ALL, USUAL } from "./cases.ts";
import { startEcho } from "./echo.ts";
import { countsOf, failuresOf, isDeclined } from "./report.ts";
import { findWstest, HOW_TO_GET_IT, runSuite } from "./suite.ts";

/**
 * `npm run autobahn`: the Autobahn test suite against an echo on the real transport. Twice, because permessage-deflate
 * changes how every frame is read. `npm run autobahn -- --all` runs what is too slow for every day, too; patterns of cases
 * run those only: `npm run autobahn -- "1.*"`.
 */
const { values, positionals } = parseArgs({ options: { all: { type: "boolean" } }, allowPositionals: true });
const lists = values.all === true ? ALL : USUAL;

const wstest = await findWstest(join(import.meta.dir, "../../../.."));

if (wstest === undefined) {
  console.error(HOW_TO_GET_IT);
  process.exitCode = 2;
} else {
  const plain = await round(wstest, false, lists.plain);
  const compressed = await round(wstest, true, lists.compressed);
  process.exitCode = plain && compressed ? 0 : 1;
}

/** One run of the suite; true if no case failed. */
async function round(wstest: string, compression: boolean, cases: readonly string[]): Promise<boolean> {
  const server = startEcho({ compression });
  const start = performance.now();
  try {
    const url = `ws://127.0.0.1:${server.port}`;
    const results = await runSuite({ wstest, url, cases: positionals.length > 0 ? positionals : cases });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const failures = failuresOf(results);
    console.log(
      `permessage-deflate ${compression ? "on" : "off"}: ${results.length} cases in ${seconds} s: ${countsOf(results)}`,
    );
    for (const { id, behavior, behaviorClose } of failures)
      console.log(`  ${id}: ${behavior}, closing ${behaviorClose}`);
    const declined = results.filter(isDeclined).length;
    if (declined > 0)
      console.log(`  ${declined} of 13.3.* and 13.5.*: a window of 9 bits is declined, as RFC 7692 allows`);
    return failures.length === 0 && results.length > 0;
  } finally {
    await server.stop(true);
  }
}
