import type { HTMLBundle } from "bun";
import page from "./index.html";

/** The pages of the gateway, by path: what `startServer` takes. */
export const pages: Readonly<Record<string, HTMLBundle>> = { "/": page };
