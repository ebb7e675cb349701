import type { Finding } from "./finding.ts";

/** The first version that has everything Tidegate uses: docs/decisions/0001-bun-from-npm.md. */
const OLDEST = "1.4.0";

export function checkBun(version: string): Finding {
  const enough = Bun.semver.satisfies(version, `>=${OLDEST}`);
  return {
    group: "Program",
    name: "Bun",
    level: enough ? "ok" : "fail",
    found: enough ? version : `${version} is older than ${OLDEST}`,
    fix: enough ? undefined : "npm install; then start it by tidegate, or npm start",
  };
}
