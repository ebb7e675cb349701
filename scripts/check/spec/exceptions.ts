/** Test files whose tests need no rule, with the reason. */
export const TESTS_WITHOUT_RULE: readonly { readonly file: string; readonly reason: string }[] = [];

/** Rules that no test's name can show, with the reason. */
export const RULES_WITHOUT_TEST: readonly { readonly id: string; readonly reason: string }[] = [];
