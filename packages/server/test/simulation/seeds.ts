/** Seeds that once failed, with what was wrong. They are run first. A change of the steps gives them other runs. */
export const KEPT_SEEDS: readonly { readonly seed: number; readonly fault: string }[] = [
  { seed: 73, fault: "after recovered: false messages at or before the reply's position were given" },
];
