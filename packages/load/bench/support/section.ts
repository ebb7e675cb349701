/**
 * The page with everything between `<!-- name: begin … -->` and `<!-- name: end -->` replaced by `text`. Throws if the
 * page has no such section.
 */
export function replaceSection(page: string, name: string, text: string): string {
  const section = new RegExp(`(<!-- ${name}: begin[^>]*-->\\n)[\\s\\S]*?(<!-- ${name}: end -->)`);
  if (!section.test(page)) throw new Error(`the page has no section "${name}"`);
  return page.replace(section, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`);
}
