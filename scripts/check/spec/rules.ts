/** A numbered rule of the specification: a list item `- **L7** One sentence.` in docs/spec. */
export interface Rule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

const RULE = /^\s*[-*] \*\*([A-Z]{1,3}\d+[a-z]?)\*\*/;
const IDS = /^(?:[A-Z]{1,3}\d+[a-z]?[ ,:]+)+/;

export function rulesOf(file: string, text: string): readonly Rule[] {
  return text.split("\n").flatMap((content, index) => {
    const id = RULE.exec(content)?.[1];
    return id === undefined ? [] : [{ id, file, line: index + 1 }];
  });
}

/** The rules that a test's name begins with: "L7 L8 stores once" proves L7 and L8. */
export function idsOf(testName: string): readonly string[] {
  return IDS.exec(`${testName} `)?.[0].match(/[A-Z]+\d+[a-z]?/g) ?? [];
}
