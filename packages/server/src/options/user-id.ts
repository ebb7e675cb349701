/** Characters of a user id: room for an e-mail address or two UUIDs. */
const USER_CHARS = 128;

/** Why a text cannot be a user id; undefined if it can. It must be one level of a topic, for `user/<id>`. */
export function userFault(user: string): string | undefined {
  if (user === "") return "is empty";
  if (user.length > USER_CHARS) return `has more than ${USER_CHARS} characters`;
  if (/[/+#]/.test(user)) return "has /, + or #";
  // `$…` topics are the server's: a pattern such as {user}/# must never name one.
  if (user.startsWith("$")) return "begins with $";
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(user)) return "has a control character";
  return user.isWellFormed() ? undefined : "is not valid Unicode";
}
