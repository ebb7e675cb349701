/** Everything that is wrong with a scenario, one line each: file, line, key, what is allowed. */
export class ScenarioError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.name = "ScenarioError";
    this.faults = faults;
  }
}

/** What is wrong with one value, without its place. */
export class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}
