import { join } from "node:path";
import { startEcho } from "./echo.ts";
import { countsOf, failuresOf } from "./report.ts";
import { findWstest, HOW_TO_GET_IT, runSuite } from "./suite.ts";

/**
 * `npm run autobahn`: the Autobahn test suite, all of its cases, against an echo on the real transport. Twice, because
 * permessage-deflate changes how every frame is read. Give patterns of cases to run less: `npm run autobahn -- "1.*"`.
 */
const PROTOCOL_CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"];
const COMPRESSION_CASES = ["12.*", "13.*"];

const patterns = process.argv.slice(2);
const wstest = await findWstest(join(import.meta.dir, "../../../.."));

if (wstest === undefined) {
  console.error(HOW_TO_GET_IT);
  process.exitCode = 2;
} else {
  const plain = await round(wstest, false, PROTOCOL_CASES);
  const compressed = await round(wstest, true, [...PROTOCOL_CASES, ...COMPRESSION_CASES]);
  process.exitCode = plain && compressed ? 0 : 1;
}

/** One run of the suite; true if no case failed. */
async function round(wstest: string, compression: boolean, cases: readonly string[]): Promise<boolean> {
  const server = startEcho({ compression });
  const start = performance.now();
  try {
    const url = `ws://127.0.0.1:${server.port}`;
    const results = await runSuite({ wstest, url, cases: patterns.length > 0 ? patterns : cases });
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const failures = failuresOf(results);
    console.log(
      `permessage-deflate ${compression ? "on" : "off"}: ${results.length} cases in ${seconds} s: ${countsOf(results)}`,
    );
    for (const { id, behavior, behaviorClose } of failures)
      console.log(`  ${id}: ${behavior}, closing ${behaviorClose}`);
    return failures.length === 0 && results.length > 0;
  } finally {
    await server.stop(true);
  }
}
