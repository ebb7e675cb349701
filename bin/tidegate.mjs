#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { runBun } from "../scripts/run-bun.mjs";

const main = fileURLToPath(new URL("../packages/cli/src/main.ts", import.meta.url));

runBun([main, ...process.argv.slice(2)]);
