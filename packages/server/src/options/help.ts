import { attributeOf, flagNames, flagOf, optionOf } from "./names.ts";
import { printDefault, printForm } from "./print.ts";
import { OPTIONS } from "./table.ts";

/** One flag, in the words of commander: `program.option(flags, description)`. */
export interface FlagSpec {
  /** `--http-port <number>`; a switch can stand alone: `--websocket-compression [true|false]`. */
  readonly flags: string;
  readonly description: string;
  /** Where commander puts the value: `httpPort`. Give the whole to `loadOptions` as `flags`. */
  readonly attribute: string;
  /** First level of the name, to group the help by. */
  readonly group: string;
}

/** The flags of all options but secrets. */
export function flagSpecs(): readonly FlagSpec[] {
  return flagNames().map((name) => {
    const spec = OPTIONS.get(optionOf(name));
    if (spec === undefined) throw new TypeError(`${name} is not in the table`);
    const form = printForm(spec);
    const preset = printDefault(spec);
    return {
      flags: `--${flagOf(name)} ${spec.kind === "boolean" ? `[${form}]` : `<${form}>`}`,
      description: preset === "" ? spec.about : `${spec.about} (${preset})`,
      attribute: attributeOf(name),
      group: name.split(".", 1).join(""),
    };
  });
}

/** All flags by group, for `--help`. */
export function helpText(): string {
  const groups = Map.groupBy(flagSpecs(), ({ group }) => group);
  return [...groups].map(([group, flags]) => `${group}\n${flags.map(helpLine).join("")}`).join("\n");
}

function helpLine({ flags, description }: FlagSpec): string {
  return `  ${flags}\n      ${description}\n`;
}
