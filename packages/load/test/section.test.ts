import { expect, test } from "bun:test";
import { replaceSection } from "../bench/support/section.ts";

const PAGE = "# Page\n<!-- results: begin (by a command) -->\nold\n<!-- results: end -->\nrest\n";

test("LG15 results replace the marked section and nothing else", () => {
  const page = replaceSection(PAGE, "results", "costs $1 and $&");
  expect(page).toBe(
    "# Page\n<!-- results: begin (by a command) -->\n\ncosts $1 and $&\n\n<!-- results: end -->\nrest\n",
  );
  expect(replaceSection(page, "results", "costs $1 and $&")).toBe(page);
});

test("LG15 a page without the section is refused", () => {
  expect(() => replaceSection("# Page\n", "results", "x")).toThrow('no section "results"');
});
