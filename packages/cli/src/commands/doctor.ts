import type { Command } from "commander";
import type { ConfigFlags } from "../config/source.ts";
import type { Context } from "../context.ts";
import { measureDisk } from "../doctor/disk-speed.ts";
import { reportText } from "../doctor/report.ts";
import { examine } from "../doctor/run.ts";
import { thisSystem } from "../doctor/system.ts";
import { tryListen } from "../doctor/try-listen.ts";
import { EXIT } from "../exit.ts";
import { addServerFlags, CONFIG_FLAG, leaveOutServerFlags } from "../serve/flags.ts";

interface DoctorFlags extends ConfigFlags {
  readonly json?: true;
}

export function doctorCommand(root: Command, context: Context): void {
  const command = root
    .command("doctor")
    .description("check this machine for the server, and say what to change")
    .option(...CONFIG_FLAG)
    .option("--json", "as JSON: group, name, level, found, fix")
    .addHelpText("after", NOTES);
  addServerFlags(command);
  leaveOutServerFlags(command);
  command.action((flags: DoctorFlags) => doctor(flags, context));
}

async function doctor({ json, ...flags }: DoctorFlags, context: Context): Promise<void> {
  const { terminal } = context;
  const monotonic = (): number => performance.now();
  const findings = await examine(flags, {
    context,
    system: thisSystem(),
    bunVersion: Bun.version,
    tryListen,
    measureDisk: (place) => measureDisk(place, monotonic),
    monotonic,
  });
  const coloured = terminal.outIsTty && (terminal.env["NO_COLOR"] ?? "") === "";
  await terminal.out(json ? `${JSON.stringify(findings, undefined, 2)}\n` : reportText(findings, coloured));
  if (findings.some(({ level }) => level === "fail")) context.exit(EXIT.failed);
}

const NOTES = `
Takes every flag of "tidegate serve". It looks at the configuration, the port, limits of files and memory, kernel
settings for many connections, the clock, and measures the disk of data.dir for a second. It changes nothing. What
does not apply here, or cannot be seen, is "skip". Exit code 1 if something fails; warnings do not.

  tidegate doctor
  tidegate doctor --connections-max 1000000`;
