/** The panes' view of the theme. */
import type { Look, Role as PaneRole } from "./look.ts";
import type { Role, Theme } from "./theme.ts";

/** "plain" has no role of its own. */
const ROLES: Readonly<Record<Exclude<PaneRole, "plain">, Role>> = {
  dim: "dim",
  bold: "strong",
  rule: "rule",
  title: "title",
  key: "key",
  current: "current",
  breakpoint: "breakpoint",
  done: "done",
  cached: "cached",
  running: "running",
  failed: "failed",
  waiting: "waiting",
  warning: "warning",
  selected: "selected",
  hit: "match",
  keyword: "syntax-keyword",
  flag: "syntax-flag",
  string: "syntax-string",
  variable: "syntax-variable",
  comment: "syntax-comment",
};

/** `tick` chooses the frame of the running mark. */
export function lookOf(theme: Theme, tick: number): Look {
  const { glyphs } = theme;
  return {
    ascii: theme.ascii,
    glyphs: {
      breakpointOn: glyphs.breakpoint,
      breakpointOff: glyphs.breakpointOff,
      current: glyphs.current,
      done: glyphs.done,
      cached: glyphs.cached,
      running: glyphs.running[tick % glyphs.running.length] ?? "/",
      failed: glyphs.failed,
      waiting: glyphs.waiting,
      warning: "!",
      ellipsis: glyphs.ellipsis,
      dot: glyphs.separator,
      arrow: glyphs.arrow,
      endMark: glyphs.stageEnd,
      horizontal: glyphs.horizontal,
      vertical: glyphs.vertical,
      downTee: glyphs.teeDown,
      upTee: glyphs.teeUp,
      leftTee: glyphs.teeLeft,
      rightTee: glyphs.teeRight,
      cross: theme.ascii ? "+" : "┼",
      topLeft: glyphs.topLeft,
      topRight: glyphs.topRight,
      bottomLeft: glyphs.bottomLeft,
      bottomRight: glyphs.bottomRight,
    },
    paint: (role, text) => (role === "plain" ? text : theme.paint(ROLES[role], text)),
  };
}
