import type { Saved, Theme } from "../chat/saved.ts";

const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

export function nextTheme(theme: Theme): Theme {
  return NEXT[theme];
}

/** Sets the colours that the person chose, and follows the system if that is the choice. */
export function applyTheme(page: Window, saved: Saved): void {
  const dark = page.matchMedia("(prefers-color-scheme: dark)");
  setTheme(page, saved.theme);
  dark.addEventListener("change", () => setTheme(page, saved.theme));
}

export function setTheme(page: Window, theme: Theme): void {
  const systemIsDark = page.matchMedia("(prefers-color-scheme: dark)").matches;
  page.document.documentElement.dataset["theme"] = theme === "auto" ? (systemIsDark ? "dark" : "light") : theme;
}
