import { configurationDoc } from "../src/options/configuration-doc.ts";

/** Writes docs/configuration.md from the table of options. */
await Bun.write(new URL("../../../docs/configuration.md", import.meta.url).pathname, configurationDoc());
