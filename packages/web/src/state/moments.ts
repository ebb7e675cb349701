/** Words for moments, in the language and time zone of the person. Moments are milliseconds since 1970. */

export function dayKey(time: number): string {
  const day = new Date(time);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

/** "Today", "Yesterday", or the date; with the year if it is another one. */
export function dayText(time: number, now: number, locale: string | undefined): string {
  if (dayKey(time) === dayKey(now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayKey(time) === dayKey(yesterday.getTime())) return "Yesterday";
  const year = new Date(time).getFullYear() === new Date(now).getFullYear() ? {} : ({ year: "numeric" } as const);
  return new Date(time).toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long", ...year });
}

export function clockText(time: number, locale: string | undefined): string {
  return new Date(time).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}

export function fullText(time: number, locale: string | undefined): string {
  return new Date(time).toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" });
}
