import { expect, test } from "bun:test";
import { countsOf, failuresOf, resultsOf } from "./report.ts";

const entry = (behavior: string, behaviorClose: string) => ({ behavior, behaviorClose, duration: 3 });

test("CK8 a case that failed in its messages or its closing is a failure, in the order of the cases", () => {
  const results = resultsOf({
    tidegate: {
      "10.1.1": entry("FAILED", "OK"),
      "1.1.1": entry("OK", "OK"),
      "7.1.2": entry("OK", "WRONG CODE"),
      "7.1.10": entry("INFORMATIONAL", "INFORMATIONAL"),
      "7.1.3": entry("NON-STRICT", "UNCLEAN"),
      "13.3.1": entry("UNIMPLEMENTED", "OK"),
      "13.5.1": entry("UNIMPLEMENTED", "WRONG CODE"),
      "12.1.1": entry("UNIMPLEMENTED", "OK"),
    },
  });
  expect(failuresOf(results).map(({ id }) => id)).toEqual(["7.1.2", "7.1.3", "10.1.1", "12.1.1", "13.5.1"]);
  expect(countsOf(results)).toBe("OK 2, NON-STRICT 1, INFORMATIONAL 1, FAILED 1, UNIMPLEMENTED 3");
});

test("CK8 an empty report has no results", () => {
  expect(resultsOf({})).toEqual([]);
});
