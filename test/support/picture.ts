/** A screen as a web page, in a dark and in a light terminal beside each other, or as a drawing of a dark one. */
import stringWidth from "string-width";
import type { StyledText } from "./styled-text.ts";

export type StyledRows = readonly (readonly StyledText[])[];

interface Scheme {
  readonly foreground: string;
  readonly background: string;
  /** The 16 named colours of terminals. */
  readonly palette: readonly string[];
}

export const CELL = { width: 9, height: 19, margin: 12 } as const;

const DARK: Scheme = {
  foreground: "#d0d0d0",
  background: "#16181c",
  palette: [
    ..."#2e3436 #e05a5a #7fb347 #d3a72c #6f9fd8 #b48ac4 #3fb0b0 #d3d7cf".split(" "),
    ..."#7a7e7a #ff6b6b #a0d860 #fce94f #8fbff5 #d6a8e0 #5fe0e0 #ffffff".split(" "),
  ],
};

const LIGHT: Scheme = {
  foreground: "#202020",
  background: "#fdfdfa",
  palette: [
    ..."#202020 #b51a1a #2f7d14 #8f6a00 #1f55a8 #7b3a92 #0b7272 #c8ccc8".split(" "),
    ..."#707470 #d42a2a #3f9b20 #b08500 #2f6fd0 #9850b0 #0f9090 #ffffff".split(" "),
  ],
};

/** As wide as two screens. */
export function page(rows: StyledRows): string {
  const side = (scheme: Scheme): string =>
    `<pre style="color:${scheme.foreground};background:${scheme.background}">${rows
      .map((row) => row.map((text) => span(text, scheme)).join(""))
      .join("\n")}</pre>`;
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; display: flex; }
    pre { margin: 0; padding: ${CELL.margin}px; font: 15px/${CELL.height}px "DejaVu Sans Mono", monospace; }
    span { display: inline-block; height: ${CELL.height}px; overflow: hidden; vertical-align: top; }
  </style>${side(DARK)}${side(LIGHT)}`;
}

/** As a scalable drawing of text, which a README can show: whatever font it meets, each text is as wide as its cells. */
export function drawing(rows: StyledRows): string {
  const columns = Math.max(...rows.map((row) => widthOf(row)));
  const width = columns * DRAWN.width + 2 * CELL.margin;
  const height = rows.length * DRAWN.height + 2 * CELL.margin;
  const font = `font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${DRAWN.font}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${font}>`,
    "<title>A screen of bktui</title>",
    `<rect width="${width}" height="${height}" rx="6" fill="${DARK.background}"/>`,
    ...rows.flatMap((row, index) => drawnRow(row, CELL.margin + index * DRAWN.height)),
    "</svg>\n",
  ].join("\n");
}

/** So high that lines drawn by characters meet in the fonts named above. */
const DRAWN = { width: 9.6, height: 18, font: 16, baseline: 14 } as const;

function drawnRow(row: StyledRows[number], top: number): string[] {
  let next = 0;
  return row.flatMap((text) => {
    const cells = widthOf([text]);
    const column = next;
    next += cells;
    const { front, back } = coloursOf(text, DARK);
    const lines: string[] = [];
    if (back !== DARK.background)
      lines.push(
        `<rect x="${at(column)}" y="${top}" width="${wide(cells)}" height="${DRAWN.height}" fill="${back}"/>`,
      );
    const shown = text.text.trim();
    if (shown === "") return lines;
    // Blanks at the ends are left out: not every program that shows drawings keeps them.
    const before = text.text.length - text.text.trimStart().length;
    const style = [
      `fill="${front}"`,
      text.bold ? 'font-weight="bold"' : "",
      text.dim ? 'opacity=".6"' : "",
      text.italic ? 'font-style="italic"' : "",
      text.underline ? 'text-decoration="underline"' : "",
      `textLength="${wide(stringWidth(shown))}" lengthAdjust="spacingAndGlyphs"`,
    ];
    const attributes = style.filter((each) => each !== "").join(" ");
    lines.push(
      `<text x="${at(column + before)}" y="${top + DRAWN.baseline}" ${attributes}>${escaped(shown)}</text>`,
    );
    return lines;
  });
}

function at(column: number): string {
  return (CELL.margin + column * DRAWN.width).toFixed(1);
}

function wide(cells: number): string {
  return (cells * DRAWN.width).toFixed(1);
}

function widthOf(row: StyledRows[number]): number {
  return row.reduce((sum, { text }) => sum + stringWidth(text), 0);
}

function coloursOf(text: StyledText, scheme: Scheme): { readonly front: string; readonly back: string } {
  const back = colour(text.background, scheme) ?? scheme.background;
  const front = colour(text.foreground, scheme) ?? scheme.foreground;
  return text.inverse ? { front: back, back: front } : { front, back };
}

function span(text: StyledText, scheme: Scheme): string {
  const { front, back } = coloursOf(text, scheme);
  const style = [
    `color:${front}`,
    `background:${back}`,
    text.bold ? "font-weight:bold" : "",
    text.dim ? "opacity:.6" : "",
    text.italic ? "font-style:italic" : "",
    text.underline ? "text-decoration:underline" : "",
  ];
  return `<span style="${style.filter((each) => each !== "").join(";")}">${escaped(text.text)}</span>`;
}

function colour(value: StyledText["foreground"], scheme: Scheme): string | undefined {
  if (typeof value !== "number") return value;
  if (value < 16) return scheme.palette[value];
  if (value >= 232) return `rgb(${[1, 1, 1].map((one) => one * (8 + 10 * (value - 232))).join(",")})`;
  const level = (part: number): number => (part === 0 ? 0 : 55 + 40 * part);
  const cube = value - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
