/** Why this is not the URL of a NATS server; what stands before an @ is never shown. */
export function serverFault(text: string): string | undefined {
  const shown = `"${shorten(withoutUser(text))}"`;
  if (!/^(nats|tls):\/\//.test(text) || !URL.canParse(text))
    return `${shown} is not a NATS server: write nats://host:4222 or tls://host:4222`;
  const { hostname, pathname, search, hash } = new URL(text);
  if (hostname === "") return `${shown} has no host: write nats://host:4222`;
  if (pathname.length > 1 || search !== "" || hash !== "") return `${shown} has something behind the port`;
  return undefined;
}

export function monitorFault(text: string): string | undefined {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return undefined;
  return `"${shorten(withoutUser(text))}" is not a monitoring port: write one such as http://host:8222`;
}

/** A server's URL without what may be its password. */
export function withoutUser(url: string): string {
  return url.replace(/^([^:/]*:?\/\/)?.*@/, "$1");
}

/** What a server's URL says of who connects; undefined if nothing. */
export function userInfoOf(url: string): { readonly user: string; readonly password: string | undefined } | undefined {
  const { username, password } = new URL(url);
  if (username === "" && password === "") return undefined;
  return { user: decodeURIComponent(username), password: password === "" ? undefined : decodeURIComponent(password) };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
