import { afterAll, expect, test } from "bun:test";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadOptions, type Options } from "@tidegate/server";
import { startClockCheck } from "../src/doctor/clock.ts";
import { measureDisk } from "../src/doctor/disk-speed.ts";
import type { Finding } from "../src/doctor/finding.ts";
import { checkKernel } from "../src/doctor/kernel.ts";
import { checkFileLimits } from "../src/doctor/limits.ts";
import { checkMemory } from "../src/doctor/memory.ts";
import { checkPort } from "../src/doctor/ports.ts";
import { reportText } from "../src/doctor/report.ts";
import { checkBun } from "../src/doctor/program.ts";
import { checkRunning } from "../src/doctor/running.ts";
import { checkStorage } from "../src/doctor/storage.ts";
import type { System } from "../src/doctor/system.ts";
import { tryListen } from "../src/doctor/try-listen.ts";
import { run } from "./support/child.ts";
import { runHere } from "./support/here.ts";
import { serve } from "./support/server.ts";
import { TempDir } from "../../server/test/support/temp-dir.ts";

const dir = new TempDir("tidegate-cli");
afterAll(dir.remove);

const GB = 1024 ** 3;

/** A clock on which a second takes a twentieth: the measurements end soon. */
const fast = (): number => performance.now() * 20;

/** A machine with these files; links are files too. */
function machine(files: Readonly<Record<string, string>> = {}, more: Partial<System> = {}): System {
  return {
    platform: "linux",
    memory: 64 * GB,
    read: (path) => files[path],
    list: (path) => {
      const below = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      return [
        ...new Set(
          below.map((file) =>
            file
              .slice(path.length + 1)
              .split("/", 1)
              .join(""),
          ),
        ),
      ];
    },
    link: (path) => files[path],
    run: () => undefined,
    free: () => 100 * GB,
    ...more,
  };
}

const options = (flags: Readonly<Record<string, string>> = {}): Options => loadOptions({ env: {}, flags });
const levels = (findings: readonly Finding[]) => Object.fromEntries(findings.map(({ name, level }) => [name, level]));
const named = (findings: readonly Finding[], name: string) => findings.find((finding) => finding.name === name);

test("K41 every finding has a level and what was found, every warning and failure what to change", async () => {
  const { code, out, err } = await run(["doctor", "--json", "--http-port", "0", "--data-dir", join(dir.path, "data")]);
  expect(err).toBe("");
  const findings = JSON.parse(out) as Finding[];
  expect(code).toBe(findings.some(({ level }) => level === "fail") ? 1 : 0);
  for (const { level, found, fix } of findings) {
    expect(["ok", "warn", "fail", "skip"]).toContain(level);
    expect(found).not.toBe("");
    if (level === "warn" || level === "fail") expect(fix).toBeString();
  }
  expect(new Set(findings.map(({ group }) => group)).size).toBe(8);
  expect(readdirSync(dir.path)).toEqual([]);
});

test("K41 a failure is exit code 1; the report ends with the sum", async () => {
  const file = join(dir.path, "file");
  writeFileSync(file, "");
  const { code, out } = await run(["doctor", "--http-port", "0", "--data-dir", file]);
  rmSync(file);
  expect(code).toBe(1);
  expect(out).toMatch(/fail {2}data directory .* is no directory\n {8}→ .*--data-dir/);
  expect(out).toMatch(/\n1 failure, \d+ warnings?\. /);
  const plain: Finding = { group: "Memory", name: "memory", level: "ok", found: "much" };
  expect(reportText([plain], false)).toBe("Memory\n  ok    memory  much\n\nEverything is well.\n");
  expect(reportText([plain], true)).toContain("\u001b[32mok  \u001b[0m");
});

test("K42 a port in use is a failure that names the program, unless it is Tidegate", () => {
  const tables = {
    "/proc/net/tcp":
      "  sl local\n   0: 0100007F:1F90 00000000:0000 0A 0:0 00:0 0 1000 0 4242 1\n   1: 0100007F:1F90 0100007F:9999 01 0:0 00:0 0 1000 0 77 1",
    "/proc/812/fd/3": "socket:[4242]",
    "/proc/812/comm": "nginx",
    "/proc/9/fd/3": "socket:[77]",
  };
  const check = (code: string | undefined, running: "none" | "ready" = "none") =>
    checkPort(options(), { system: machine(tables), running, tryListen: () => code });
  expect(check(undefined)).toMatchObject({ level: "ok", found: "free" });
  expect(check("EADDRINUSE")).toMatchObject({
    level: "fail",
    found: "in use by nginx (pid 812)",
    fix: "tidegate serve --http-port 8081",
  });
  expect(check("EADDRINUSE", "ready")).toMatchObject({ level: "ok" });
  expect(check("EACCES")).toMatchObject({ level: "fail", found: "not allowed: ports below 1024 are the system's" });
  expect(check("EADDRNOTAVAIL")).toMatchObject({ level: "fail" });
});

test("K42 whether a port is free is tried out", async () => {
  await using server = await serve();
  expect(tryListen("127.0.0.1", server.port)).toBe("EADDRINUSE");
  expect(tryListen("127.0.0.1", 0)).toBeUndefined();
  expect(tryListen("192.0.2.1", 0)).toBe("EADDRNOTAVAIL");
});

test("K43 fewer open files than the configured connections need are a warning", () => {
  const limits = (hard: string) => ({
    "/proc/self/limits": `Limit Soft Hard\nMax open files            1024   ${hard}   files\n`,
  });
  const check = (hard: string, max: string) =>
    checkFileLimits(options({ connectionsMax: max }), machine(limits(hard)))[0];
  expect(check("20000", "10000")).toMatchObject({ level: "ok" });
  expect(check("unlimited", "10000000")).toMatchObject({ level: "ok" });
  const short = check("20000", "200000");
  expect(short?.level).toBe("warn");
  expect(short?.fix).toContain("ulimit -n 200500");
  expect(short?.fix).toContain("tidegate serve --connections-max 19500");
  const kernel = machine({ "/proc/sys/fs/nr_open": "1048576", "/proc/sys/fs/file-max": "1000" });
  expect(levels(checkFileLimits(options(), kernel))).toEqual({
    "open files": "skip",
    "fs.nr_open": "ok",
    "fs.file-max": "warn",
  });
});

test("K43 kernel settings that are too low come with the command that raises them", () => {
  const files = {
    "/proc/sys/net/core/somaxconn": "128",
    "/proc/sys/net/ipv4/tcp_max_syn_backlog": "8192",
    "/proc/sys/net/ipv4/ip_local_port_range": "32768\t40000",
    "/proc/sys/net/ipv4/tcp_mem": "1000 2000 3000",
    "/proc/sys/net/netfilter/nf_conntrack_max": "65536",
  };
  const findings = checkKernel(options({ connectionsMax: "100000" }), machine(files));
  expect(levels(findings)).toEqual({
    "net.core.somaxconn": "warn",
    "net.ipv4.tcp_max_syn_backlog": "ok",
    "net.ipv4.ip_local_port_range": "warn",
    "net.ipv4.tcp_mem": "warn",
    "net.ipv4.tcp_rmem": "skip",
    "net.ipv4.tcp_wmem": "skip",
    "net.netfilter.nf_conntrack_max": "warn",
  });
  expect(findings.flatMap(({ fix }) => fix ?? [])).toEqual([
    "sysctl -w net.core.somaxconn=4096",
    'sysctl -w net.ipv4.ip_local_port_range="16384 60000"',
    'sysctl -w net.ipv4.tcp_mem="100000 150000 200000"',
    "sysctl -w net.netfilter.nf_conntrack_max=120000",
  ]);
  expect(levels(checkKernel(options(), machine({}, { platform: "darwin" })))).toEqual({ settings: "skip" });
});

test("K44 storage: a directory that can be made is well, and the speed is measured and nothing left behind", () => {
  const parts = {
    cwd: dir.path,
    system: machine({ "/proc/self/mounts": "x / ext4 rw\nx /proc proc rw" }),
    measure: (place: string) => measureDisk(place, fast),
  };
  const findings = checkStorage(options({ dataDir: "not/yet" }), parts);
  expect(named(findings, "data directory")).toMatchObject({
    level: "ok",
    found: `${join(dir.path, "not/yet")} will be made`,
  });
  expect(named(findings, "file system")).toMatchObject({ level: "ok", found: "ext4" });
  expect(named(findings, "sync")?.found).toMatch(/^\d+\.\d\d ms for a sync to disk, the slowest \d/);
  expect(named(findings, "durability process")?.found).toMatch(/^about [\d,]+ messages\/s/);
  expect(readdirSync(dir.path)).toEqual([]);
});

test.each([
  ["x / ext4\nx /tmp nfs4 rw", { "file system": "fail" }, {}],
  ["x / tmpfs rw", { "file system": "warn" }, {}],
  ["", { "file system": "skip" }, {}],
  ["x / ext4", { "free space": "warn" }, { free: () => 5 * GB }],
  ["x / ext4", { "free space": "fail" }, { free: () => 1024 }],
])("K44 storage on %j is %j", (mounts, expected, more) => {
  const speed = { median: 1, slowest: 2, process: 1e5, power: 1e4 };
  const parts = { cwd: "/tmp", system: machine({ "/proc/self/mounts": mounts }, more), measure: () => speed };
  expect(levels(checkStorage(options({ dataDir: "/tmp/x" }), parts))).toMatchObject(expected);
});

test("K44 a slow disk is a warning, one that fails a failure; in memory nothing is looked at", () => {
  const check = (measure: () => { median: number; slowest: number; process: number; power: number }, flags = {}) =>
    levels(checkStorage(options({ dataDir: dir.path, ...flags }), { cwd: dir.path, system: machine(), measure }));
  const slow = { median: 30, slowest: 200, process: 900, power: 30 };
  expect(check(() => slow)).toMatchObject({ sync: "warn", "durability process": "warn", "durability power": "ok" });
  const broken = (): never => {
    throw new Error("EIO");
  };
  expect(check(broken)).toMatchObject({ speed: "fail" });
  expect(check(broken, { logStorage: "memory" })).toEqual({ log: "skip" });
});

test("K45 memory is that of the machine or of the smallest limit around the process", () => {
  const check = (files: Record<string, string>, memory = 64 * GB) =>
    checkMemory(options({ connectionsMax: "100000" }), machine(files, { memory }))[0];
  expect(check({})).toMatchObject({ level: "ok" });
  const limited = check({
    "/proc/self/cgroup": "0::/a/b",
    "/sys/fs/cgroup/a/memory.max": "536870912",
    "/sys/fs/cgroup/a/b/memory.max": "max",
  });
  expect(limited).toMatchObject({ level: "warn" });
  expect(limited?.found).toStartWith("512MB (limit of this container or unit)");
  expect(limited?.fix).toMatch(/--connections-max 32768$/);
  expect(check({ "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712" })).toMatchObject({
    level: "ok",
  });
});

test("K46 a clock that is set, that stands in the past, or that nobody keeps", () => {
  const check = (wall: number[], files = {}, run: System["run"] = () => undefined) => {
    const monotonic = [0, 1000];
    const at = (times: number[]) => () => times.shift() ?? times.length;
    const now = [...wall, wall.at(-1) ?? 0];
    return levels(startClockCheck({ system: machine(files, { run }), wall: at(now), monotonic: at(monotonic) })());
  };
  const start = 1_800_000_000_000;
  expect(check([start, start + 1000])).toEqual({ date: "ok", steadiness: "ok", "time service": "skip" });
  expect(check([start, start + 5000], { "/run/systemd/timesync/synchronized": "" })).toMatchObject({
    steadiness: "warn",
    "time service": "ok",
  });
  expect(check([0, 1000], {}, ([name]) => (name === "timedatectl" ? "no" : undefined))).toMatchObject({
    date: "fail",
    "time service": "warn",
  });
});

test("K47 a running server is asked whether it is ready", async () => {
  const check = async (answer: () => Promise<Response>) => checkRunning(options(), { fetch: answer });
  const json = (value: unknown) => () => Promise.resolve(Response.json(value));
  expect(await check(() => Promise.reject(new Error("no")))).toMatchObject({
    state: "none",
    finding: { level: "skip" },
  });
  expect(await check(json({ ready: true, checks: {} }))).toMatchObject({ state: "ready", finding: { level: "ok" } });
  expect(await check(json({ ready: false, checks: { "log.power": "unavailable", "log.memory": "ok" } }))).toMatchObject(
    {
      finding: { level: "fail", found: "http://127.0.0.1:8080 is not ready: log.power unavailable" },
    },
  );
  expect(await check(json("hello"))).toMatchObject({ state: "other" });
});

test("K47 a real server on its port is recognized", async () => {
  await using server = await serve();
  const { out } = await run(["doctor", "--json", "--http-port", String(server.port), "--log-storage", "memory"]);
  const findings = JSON.parse(out) as Finding[];
  expect(named(findings, "running server")).toMatchObject({ level: "ok", found: `${server.url} is ready` });
  expect(named(findings, `127.0.0.1:${server.port}`)).toMatchObject({
    level: "ok",
    found: "a Tidegate server listens here",
  });
});

test("K48 a wrong configuration is a failure, and the rest is checked all the same", async () => {
  const { code, out } = await runHere(["doctor", "--http-port", "x", "--log-storage", "memory"], { cwd: dir.path });
  expect(code).toBe(1);
  expect(out).toContain("fail  values");
  expect(out).toContain("--http-port");
  expect(out).toContain("Kernel\n");
  const open = await runHere(["doctor", "--http-host", "0.0.0.0", "--http-port", "0", "--log-storage", "memory"], {
    cwd: dir.path,
  });
  expect(open.out).toMatch(/fail {2}authentication .*there is no authentication.*\n {8}→ /);
});

test("K41 an old Bun is a failure", () => {
  expect(checkBun("1.4.5").level).toBe("ok");
  expect(checkBun("1.3.9").level).toBe("fail");
});
