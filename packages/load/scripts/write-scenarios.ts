import { scenarioDoc } from "../src/scenario-file/scenario-doc.ts";

/** Writes docs/load-scenarios.md from the table of a scenario's keys. */
await Bun.write(new URL("../../../docs/load-scenarios.md", import.meta.url).pathname, scenarioDoc());
