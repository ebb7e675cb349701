import { readFileSync } from "node:fs";
import { Fault, hashKey, newKey, parseDuration, readKeys, signToken, type TokenRequest } from "@tidegate/server";
import { type Command, InvalidArgumentError } from "commander";
import { addPermissionFlags, authEntryLines, type PermissionFlags } from "../config/auth-entry.ts";
import { loadHere } from "../config/source.ts";
import type { Context } from "../context.ts";
import { CliError, EXIT, textOf, usageError } from "../exit.ts";
import { refuseUnknownSubcommand } from "../subcommands.ts";
import { collect } from "../text/numbers.ts";
import { signerOf, type SignerFlags } from "../token/signer.ts";

interface TokenFlags extends SignerFlags {
  readonly config?: string;
  readonly user?: string;
  /** Milliseconds; undefined for never. */
  readonly expires: { readonly ms: number | undefined };
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
  readonly info?: { readonly value: unknown };
  readonly id?: string;
}

interface KeyFlags extends PermissionFlags {
  readonly name: string;
}

const HOUR = 3_600_000;

export function tokenCommand(root: Command, context: Context): void {
  const command = root
    .command("token")
    .description("make a token for tests and scripts, or an API key")
    .addHelpText("after", EXAMPLES);
  command
    .optionsGroup("Claims:")
    .option("--user <id>", "the user id (required)")
    .option("--expires <duration>", "how long it holds: 15m, 1h, 30d, or never (default: 1h)", expires, { ms: HOUR })
    .option("--publish <pattern>", "may publish to these topics; may be given several times", collect)
    .option("--subscribe <pattern>", "may subscribe to these; may be given several times", collect)
    .option("--info <json>", "what others see in presence", infoValue)
    .option("--id <id>", "id of the token (jti), to revoke it by");
  command
    .optionsGroup("Key:")
    .option("--config <file>", "take auth.jwt from this file (default: as tidegate serve)")
    .option("--private-key <file>", "sign with this private key (PEM) instead of auth.jwt.secret")
    .option("--algorithm <name>", "default: the first allowed one that fits the key")
    .option("--key-id <kid>", "name of the key in its key set");
  command.optionsGroup("").action((flags: TokenFlags) => token(flags, context));
  keyCommand(command, context);
  refuseUnknownSubcommand(command);
}

function keyCommand(parent: Command, context: Context): void {
  const command = parent
    .command("key")
    .description("make an API key for another server, and the lines for tidegate.yaml")
    .option("--name <name>", "name of the key", "my-service");
  addPermissionFlags(command, {
    publish: "may publish to these topics (default: all)",
    subscribe: "may subscribe to these (default: all)",
  });
  command.action((_: unknown, self: Command) => makeKey(self.optsWithGlobals<KeyFlags>(), context));
}

async function token(flags: TokenFlags, context: Context): Promise<void> {
  if (flags.user === undefined) throw usageError("--user is missing: whose token is it?");
  const { options } = loadHere(flags.config === undefined ? {} : { config: flags.config }, context);
  const { issuer, audience } = options.auth.jwt;
  const {
    expires: { ms },
    publish,
    subscribe,
    info,
    id,
  } = flags;
  const claims = {
    sub: flags.user,
    expiresIn: ms,
    publish,
    subscribe,
    info: info?.value,
    issuer,
    audience,
    tokenId: id,
  };
  const request = { ...signerOf(options, flags, (file) => readFileSync(file, "utf8")), ...claims };
  try {
    const present = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
    await context.terminal.out(`${await signToken(present as unknown as TokenRequest, context.clock)}\n`);
  } catch (error) {
    throw new CliError(textOf(error), EXIT.usage);
  }
}

async function makeKey({ name, publish = ["#"], subscribe = ["#"], admin }: KeyFlags, context: Context): Promise<void> {
  const key = newKey(context.random);
  const entry = { name, hash: hashKey(key), publish, subscribe, admin: admin === true };
  const fault = readKeys([entry]);
  if (fault instanceof Fault) throw usageError(fault.message.replace(/^key 1: /, ""));
  const lines = authEntryLines("keys", entry);
  context.terminal.err(
    `Add this to tidegate.yaml, and give the key to the other server; it is not stored anywhere.\n\n${lines}\n`,
  );
  await context.terminal.out(`${key}\n`);
}

function expires(text: string): TokenFlags["expires"] {
  if (text === "never") return { ms: undefined };
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1000) return { ms };
  throw new InvalidArgumentError("It must be a duration from 1s, such as 15m, 1h or 30d, or never.");
}

function infoValue(text: string): TokenFlags["info"] {
  try {
    return { value: JSON.parse(text) };
  } catch {
    throw new InvalidArgumentError("It must be JSON.");
  }
}

const EXAMPLES = `
Prints only the token. The secret is auth.jwt.secret of the configuration, or TIDEGATE_AUTH_JWT_SECRET.

  tidegate token --user ann
  tidegate token --user sensor-7 --expires never --publish 'sensors/7/#'
  TIDEGATE_TOKEN=$(tidegate token --user ann) tidegate subscribe 'chat/#'`;
