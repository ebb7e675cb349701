import type { Page } from "playwright-core";

/** Controls that a screen reader could not name. */
export function unnamedControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const nameOf = (element: HTMLElement): string => {
      const labels =
        element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
          ? [...(element.labels ?? [])]
          : [];
      return (
        element.getAttribute("aria-label") ?? (labels.map((label) => label.textContent).join("") || element.textContent)
      );
    };
    const controls = [...document.querySelectorAll<HTMLElement>("button, a, input, textarea, [tabindex='0']")];
    return controls.filter((element) => nameOf(element).trim() === "").map(({ outerHTML }) => outerHTML.slice(0, 120));
  });
}

/**
 * Visible texts whose contrast with what is behind them is below 4.5 : 1 (WCAG 2.2, 1.4.3). Colours are read from one drawn
 * pixel, so that every way to write a colour counts; pictures behind text are not looked at, there are none.
 */
export function lowContrasts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (pixel === null) throw new Error("no canvas");
    const paint = (colours: readonly string[]): readonly number[] => {
      pixel.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        pixel.fillStyle = colour;
        pixel.fillRect(0, 0, 1, 1);
      }
      return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (rgb: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = rgb.map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): string[] =>
      element === null ? ["white"] : [...behind(element.parentElement), getComputedStyle(element).backgroundColor];
    const hasText = (element: Element): boolean =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== "");
    const scope = document.querySelector("dialog") ?? document.body;
    return [...scope.querySelectorAll<HTMLElement>("*")].flatMap((element) => {
      if (
        !hasText(element) ||
        !element.checkVisibility({ visibilityProperty: true }) ||
        element.closest(".visually-hidden, :disabled")
      )
        return [];
      const grounds = behind(element);
      const [a, b] = [luminance(paint(grounds)), luminance(paint([...grounds, getComputedStyle(element).color]))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return contrast < 4.5 ? [`${contrast.toFixed(2)} ${element.className} ${element.textContent.slice(0, 30)}`] : [];
    });
  });
}
