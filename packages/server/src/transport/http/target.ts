/** The path and the query of a request, as they came: `URL` would throw on some hosts and mend what should be refused. */
export function splitTarget(url: string): { readonly path: string; readonly query: string } {
  const scheme = url.indexOf("://");
  const start = scheme < 0 ? 0 : url.indexOf("/", scheme + 3);
  const target = start < 0 ? "/" : url.slice(start);
  const question = target.indexOf("?");
  return question < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, question), query: target.slice(question + 1) };
}
