import { fileURLToPath } from "node:url";

/** Bytes, minified and gzipped: what a page may pay for the client. */
export const SIZE_LIMIT = 12_288;

const ENTRY = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** The client as one minified module for browsers. Rejects with the bundler's errors. */
export async function bundleClient(): Promise<string> {
  const built = await Bun.build({ entrypoints: [ENTRY], target: "browser", minify: true });
  const [output] = built.outputs;
  if (!output) throw new Error("the bundler wrote nothing");
  return output.text();
}

/** Bytes of the bundle as it is, and gzipped as most servers do it. */
export async function clientSize(): Promise<{ readonly plain: number; readonly gzipped: number }> {
  const bytes = new TextEncoder().encode(await bundleClient());
  return { plain: bytes.length, gzipped: Bun.gzipSync(bytes, { level: 9 }).length };
}

if (import.meta.main) {
  const { plain, gzipped } = await clientSize();
  console.log(`${gzipped} bytes minified and gzipped (${plain} minified); the limit is ${SIZE_LIMIT}`);
  if (gzipped > SIZE_LIMIT) process.exitCode = 1;
}
