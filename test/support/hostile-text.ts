/** Text that tries to take over a terminal, and a look at what reached one. */

const esc = "\u001b";

/** Clipboard, titles, links, notifications, modes, queries, resets, 8-bit forms, reordering and invisible characters. */
export const hostileText: string = [
  `${esc}]52;c;ZXZpbA==\u0007`,
  `${esc}]0;owned\u0007${esc}]2;owned${esc}\\`,
  `${esc}]8;;http://evil.example${esc}\\link${esc}]8;;${esc}\\`,
  `${esc}]9;owned\u0007${esc}]777;notify;owned;owned\u0007${esc}]1337;File=:b3duZWQ=\u0007`,
  `${esc}[2J${esc}[3J${esc}[H${esc}c${esc}[?1049l${esc}[?1000h${esc}[?2004l${esc}[?25l`,
  `${esc}[6n${esc}[c${esc}[>c${esc}[21t${esc}P$q"p${esc}\\${esc}_app${esc}\\${esc}^pm${esc}\\${esc}Xsos${esc}\\`,
  "\u009d0;owned\u009c\u009b2J\u0090owned\u009c",
  "\u0000\u0005\u0007\b\u000b\u000c\u000e\u000f\u001a\u007f",
  "\u202e\u2066\u200b\u200f\ufeff\u00ad",
  `${esc}[31mred`,
  "a\rb",
].join(" ");

/**
 * Sequences that bktui itself writes: SGR, cursor, erasing, its modes, keeping title and modes for later, a
 * title or notification of printable text.
 */
const own = new RegExp(
  [
    `${esc}\\[[0-9;:]*m`,
    `${esc}\\[[0-9]*(?:;[0-9]+)?H`,
    `${esc}\\[[0-9]*[GK]`,
    `${esc}\\[2J`,
    `${esc}\\[\\?(?:1|7|25|1000|1002|1003|1004|1006|1007|1049|2004|2026)[hl]`,
    `${esc}[=>]`,
    `${esc}\\[2[23];0t`,
    `${esc}\\[\\?1007[sr]`,
    `${esc}\\](?:0|9);[\\x20-\\x7e\\u00a1-\\ud7ff]*${esc}\\\\`,
  ].join("|"),
  "g",
);
/** Controls that move, ring or switch, and characters that hide or reorder. Line ends are a terminal's own. */
const controls = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f";
const hidden = "\\u00ad\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff";
const forbidden = new RegExp(`[${controls}${hidden}]`);

/** What must never reach a terminal, with what stands around it; undefined when there is nothing. */
export function forbiddenIn(output: string): string | undefined {
  const rest = output.replace(own, "");
  const at = rest.search(forbidden);
  if (at >= 0) return JSON.stringify(rest.slice(Math.max(0, at - 40), at + 60));
  const title = new RegExp(`${esc}\\][0-9]+;owned`).exec(output);
  return title === null ? undefined : JSON.stringify(title[0]);
}
