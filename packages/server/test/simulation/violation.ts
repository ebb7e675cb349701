/** A guarantee of docs/spec/guarantees.md that did not hold. */
export class Violation extends Error {
  readonly rule: string;
  /** Words that lines of the trace about the same thing have. */
  readonly subjects: readonly string[];

  constructor(rule: string, message: string, subjects: readonly string[] = []) {
    super(`${rule}: ${message}`);
    this.name = "Violation";
    this.rule = rule;
    this.subjects = subjects;
  }
}

export function must(holds: boolean, rule: string, message: () => string, subjects: readonly string[] = []): void {
  if (!holds) throw new Violation(rule, message(), subjects);
}
