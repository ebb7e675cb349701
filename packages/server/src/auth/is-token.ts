/**
 * Whether a text has the form of a token: an API key, or a JWT. A JWT begins with a JSON object in base64url, so a
 * password with two dots is hardly ever taken for one. [RFC 7515, 7.1]
 */
export function isToken(text: string): boolean {
  return text.startsWith("tg_") || /^e[w-z0-9_-][\w-]*\.[\w-]+\.[\w-]*$/.test(text);
}
