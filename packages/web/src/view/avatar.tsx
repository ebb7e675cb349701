import { hueOf, initials } from "../state/person.ts";

/** The round picture of a person: letters on a colour of their own. The name stands beside it, so it is not read out. */
export function Avatar({
  id,
  name,
  small = false,
}: {
  readonly id: string;
  readonly name: string;
  readonly small?: boolean;
}) {
  return (
    <span class={small ? "avatar avatar-small" : "avatar"} aria-hidden="true" style={{ "--hue": String(hueOf(id)) }}>
      {initials(name)}
    </span>
  );
}
