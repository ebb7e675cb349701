import { Fault, readUsers } from "@tidegate/server";
import type { Command } from "commander";
import { addPermissionFlags, authEntryLines, type PermissionFlags } from "../config/auth-entry.ts";
import type { Context } from "../context.ts";
import { usageError } from "../exit.ts";
import { readPassword } from "../password/read-password.ts";

interface PasswordFlags extends PermissionFlags {
  readonly user: string;
}

/**
 * OWASP's first choice for argon2id: 19 MB and 2 passes. Bun's own default costs some four times as much
 * (packages/server/bench/password.ts), and a fleet of devices that comes back after a restart signs in anew.
 */
const COST = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** A hash that is of the right form and nobody's, to check the other fields before the password is asked for. */
const SOME_HASH = `$2b$10$${".".repeat(53)}`;

export function passwordCommand(root: Command, context: Context): void {
  const command = root
    .command("password")
    .description("hash a user's password, and print the lines for tidegate.yaml")
    .option("--user <id>", "the user id", "my-device")
    .addHelpText("after", EXAMPLES);
  addPermissionFlags(command, {
    publish: "may also publish to these topics; may be given several times",
    subscribe: "may also subscribe to these; may be given several times",
  });
  command.action((flags: PasswordFlags) => makeHash(flags, context));
}

async function makeHash(flags: PasswordFlags, { terminal, clock }: Context): Promise<void> {
  const { user, publish = [], subscribe = [], admin } = flags;
  const fields = { name: user, publish, subscribe, admin: admin === true };
  const fault = readUsers([{ ...fields, hash: SOME_HASH }]);
  if (fault instanceof Fault)
    throw usageError(fault.message.replace(/^user 1: name/, "--user").replace(/^user 1: /, ""));
  const password = await readPassword(terminal, user);
  const hash = await Bun.password.hash(password, COST);
  const entry = { ...fields, hash, since: new Date(clock.now()).toISOString() };
  terminal.err(
    `Add this to tidegate.yaml; the password is not stored anywhere.\n\n${authEntryLines("users", entry)}\n`,
  );
  await terminal.out(`${hash}\n`);
}

const EXAMPLES = `
Asks for the password twice; without a terminal it is the one line of the standard input. Prints only the hash, and the
lines for the file on the standard error. Users sign in over MQTT and, with Basic, over HTTP.

  tidegate password --user sensor-7 --publish 'sensors/7/#'
  openssl rand -base64 24 | tee sensor-7.password | tidegate password --user sensor-7`;
