/** What is wrong with one value, without its place. */
export class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Everything that is wrong with a configuration, one line each: place, name, what is allowed. */
export class OptionsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "OptionsError";
    this.faults = faults;
  }
}
