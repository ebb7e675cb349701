/** Colours that are told apart without seeing red and green, readable on white and on a dark page's picture. */
export const COLOURS = {
  own: "#0b6fb8",
  other: "#b9bec6",
  ink: "#1d2733",
  quiet: "#66717f",
  grid: "#e2e5e9",
  lines: ["#0b6fb8", "#d55e00", "#009e73", "#aa4499", "#8a6d00", "#332288"],
} as const;

export interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly weight?: "bold";
  readonly colour?: string;
}

/** A whole picture on a white ground; `label` is read to who cannot see it. */
export function svg(width: number, height: number, parts: readonly string[], label: string): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const font = 'font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font} role="img" aria-label="${escaped(label)}">
<rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

export function textAt(x: number, y: number, text: string, { anchor, size, weight, colour }: TextStyle): string {
  const style = [
    anchor === undefined ? "" : ` text-anchor="${anchor}"`,
    size === undefined ? "" : ` font-size="${size}"`,
    weight === undefined ? "" : ` font-weight="${weight}"`,
  ].join("");
  return `<text x="${round(x)}" y="${round(y)}" fill="${colour ?? COLOURS.ink}"${style}>${escaped(text)}</text>`;
}

/** Three digits are enough to compare by eye. */
export function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 2 });
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
