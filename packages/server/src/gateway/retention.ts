import type { Cancel } from "../clock.ts";
import type { GatewayParts } from "./parts.ts";

/** Milliseconds from the end of a round to the next. */
const PAUSE = 10_000;

/** Has `trim` remove what retention does not cover, again and again. Returns what ends it; a round under way goes on. */
export function startRetention(
  { clock, logger }: Pick<GatewayParts, "clock" | "logger">,
  trim: () => Promise<void>,
): Cancel {
  let isOver = false;
  let cancel: Cancel = () => {};
  const later = (): void => {
    if (!isOver) cancel = clock.after(PAUSE, round);
  };
  const round = (): void => {
    trim()
      .catch((error: unknown) => logger.warn({ err: error }, "retention could not be applied"))
      .finally(later);
  };
  later();
  return () => {
    isOver = true;
    cancel();
  };
}
