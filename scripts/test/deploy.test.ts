import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadWithOrigins, startupFault } from "../../packages/server/src/index.ts";
import { GatewayProcess } from "../cluster/gateway-process.ts";
import { findNatsServer } from "../servers/nats.ts";
import { TempDir } from "../../packages/server/test/support/temp-dir.ts";

const root = join(import.meta.dir, "../..");
const deploy = join(root, "deploy");
const temporary = new TempDir("tidegate-deploy");
afterAll(temporary.remove);

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly secrets?: readonly string[];
  readonly ulimits?: { readonly nofile: number };
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const text = (file: string): Promise<string> => Bun.file(join(deploy, file)).text();
const compose = async (): Promise<Compose> => Bun.YAML.parse(await text("compose.yaml")) as Compose;

test("CL20 what compose.yaml names is there: files, volumes, networks", async () => {
  const { services, volumes, networks } = await compose();
  expect(Object.keys(services)).toEqual(["nats", "gateway-1", "gateway-2", "gateway-3", "balancer"]);
  for (const { volumes: mounts = [], networks: own, build } of Object.values(services)) {
    for (const [source = ""] of mounts.map((mount) => mount.split(":")))
      if (source.startsWith("./"))
        expect([source, await Bun.file(join(deploy, source)).exists()]).toEqual([source, true]);
      else expect(Object.keys(volumes)).toContain(source);
    expect(own.filter((network) => !(network in networks))).toEqual([]);
    if (build !== undefined) expect(await Bun.file(join(deploy, build.context, build.dockerfile)).exists()).toBe(true);
  }
  // Only the balancer is reached from outside.
  const open = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
  expect(open.map(([name]) => name)).toEqual(["balancer"]);
});

test("CL20 the gateways of compose.yaml have options that the server knows, and may listen on all addresses", async () => {
  const { services } = await compose();
  for (const name of ["gateway-1", "gateway-2", "gateway-3"]) {
    const env = { ...(await imageEnv()), ...(await withSecret(services[name]?.environment)) };
    const { options } = loadWithOrigins({ file: undefined, env, flags: {} });
    expect([options.http.host, options.http.port, options.mqtt.port]).toEqual(["0.0.0.0", 8080, 1883]);
    expect(startupFault(options)).toBeUndefined();
    const grace = Number.parseInt(services[name]?.stop_grace_period ?? "", 10) * 1000;
    expect(grace).toBeGreaterThan(Math.max(options.drain.deadline, options.log.startWait));
    expect(services[name]?.ulimits?.nofile).toBeGreaterThan(options.connections.max);
  }
});

test("CL20 no secret is in compose.yaml or a variable, no log grows without end, and each service says whether it lives", async () => {
  const { services, secrets } = await compose();
  const ignored = (await Bun.file(join(root, ".gitignore")).text()).split("\n");
  for (const { file } of Object.values(secrets)) expect(ignored).toContain(file.replace("./", "/deploy/"));
  for (const [name, { environment = {}, logging, healthcheck, build, secrets: own = [] }] of Object.entries(services)) {
    expect([name, Object.keys(logging?.options ?? {})]).toEqual([name, ["max-size", "max-file"]]);
    // The image of the gateways has one.
    expect([name, healthcheck !== undefined || build !== undefined]).toEqual([name, true]);
    expect(environment["TIDEGATE_AUTH_JWT_SECRET"]).toBeUndefined();
    expect(own.filter((secret) => !(secret in secrets))).toEqual([]);
    if (build !== undefined) expect(environment["TIDEGATE_AUTH_JWT_SECRET_FILE"]).toBe(`/run/secrets/${own[0]}`);
  }
  // While NATS is away a gateway is not ready, and has to live on.
  expect(await text("Dockerfile")).toMatch(/^ *CMD .*\/health\/live/m);
});

test.skipIf(findNatsServer() === undefined)("CL20 nats.conf is one that a nats-server takes", async () => {
  const file = join(temporary.path, "nats.conf");
  await Bun.write(file, (await text("nats.conf")).replace('"/data"', JSON.stringify(join(temporary.path, "nats"))));
  const { exitCode, stderr } = Bun.spawnSync([findNatsServer() ?? "", "-t", "-c", file]);
  expect(exitCode).toBe(0);
  expect(stderr.toString()).toContain("is valid");
});

test("CL21 what the Dockerfile copies is enough for a gateway with its page", async () => {
  const image = join(temporary.path, "app");
  await copyAsDockerfile(image);
  const gateway = new GatewayProcess({
    name: "image",
    command: [join(image, "packages/cli/src/main.ts"), "serve"],
    variables: { HTTP_PORT: "0", MQTT_PORT: "0", DATA_DIR: join(temporary.path, "data") },
    line: () => {},
    ended: () => {},
  });
  try {
    await gateway.start();
    const page = await fetch(gateway.url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html;charset=utf-8"]);
    const script = /<script[^>]* src="([^"]+)"/.exec(await page.text())?.[1] ?? "";
    expect((await fetch(`${gateway.url}${script}`)).status).toBe(200);
  } finally {
    await gateway.kill();
  }
});

async function withSecret(environment: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  const secret = join(temporary.path, "jwt.secret");
  await Bun.write(secret, `${"s".repeat(64)}\n`);
  // As Compose reads them: a secret's file is mounted, and `${NAME:-default}`.
  const value = (given: string): string =>
    given.replace(/^\/run\/secrets\/jwt$/, secret).replace(/^\$\{\w+:-(.*)\}$/, "$1");
  return Object.fromEntries(Object.entries(environment).map(([name, given]) => [name, value(given)]));
}

/** The variables that the image sets. */
async function imageEnv(): Promise<Record<string, string>> {
  const dockerfile = await text("Dockerfile");
  return Object.fromEntries(
    [...dockerfile.matchAll(/(TIDEGATE_\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

/** What the Dockerfile's COPY lines take from the repository, with the packages of this checkout. */
async function copyAsDockerfile(image: string): Promise<void> {
  const lines = (await text("Dockerfile"))
    .split("\n")
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from"));
  for (const line of lines) {
    const paths = line.split(/\s+/).slice(1);
    const target = paths.pop() ?? "";
    for (const path of paths)
      copy(join(root, path), join(image, target.endsWith("/") ? join(target, path.split("/").at(-1) ?? "") : target));
  }
  linkModules(image);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, filter: (path) => !/\/(node_modules|test|bench)$/.test(path) });
}

/** As `npm ci` would: what others made is linked, and the packages of the workspace are those that were copied. */
function linkModules(image: string): void {
  const [from, to] = [join(root, "node_modules"), join(image, "node_modules")];
  mkdirSync(join(to, "@tidegate"), { recursive: true });
  for (const name of readdirSync(from)) if (name !== "@tidegate") symlinkSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(from, "@tidegate")))
    symlinkSync(join(image, "packages", name), join(to, "@tidegate", name));
  for (const name of readdirSync(join(root, "packages")).filter((each) =>
    readdirSync(join(root, "packages", each)).includes("node_modules"),
  ))
    symlinkSync(join(root, "packages", name, "node_modules"), join(image, "packages", name, "node_modules"));
}
