/** Dependencies that no source names, with the reason why they are there. */
export const USED_UNSEEN: Readonly<Record<string, string>> = {
  "@types/bun": "the types of Bun: tsconfig.json names them as bun",
  "oxlint-tsgolint": "oxlint starts it for the rules that know types",
};
