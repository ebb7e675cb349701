#!/usr/bin/env node
// npm links a command only from within its own package: this makes `npx tidegate` work in the repository.
import "../../../bin/tidegate.mjs";
