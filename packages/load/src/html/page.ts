import { escaped } from "./escape.ts";
import { STYLE } from "./style.ts";

/** One whole page that needs nothing from elsewhere. `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
}

/** Cells are text; the first column and the first row are headings. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const headings = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join("");
  const lines = rows.map(([first = "", ...cells]) => {
    const figures = cells.map((cell) => `<td>${escaped(cell)}</td>`).join("");
    return `<tr><th scope="row">${escaped(first)}</th>${figures}</tr>`;
  });
  return `<div class="scroll"><table><thead><tr>${headings}</tr></thead><tbody>${lines.join("")}</tbody></table></div>`;
}

export function list(items: readonly string[]): string {
  return items.length === 0 ? "" : `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
}

export function section(title: string, content: string): string {
  return content === "" ? "" : `<section><h2>${escaped(title)}</h2>${content}</section>`;
}
