/** A list to choose from, over the panes. */
import { Box, Text, useInput } from "ink";
import SelectInput from "ink-select-input";
import type { ReactElement } from "react";
import type { Rect, Size } from "../cells/rect.ts";
import { sanitizeLine } from "../cells/sanitize.ts";
import { clip, textWidth } from "../cells/width.ts";
import type { Look } from "../drawing/look.ts";
import type { MenuItem } from "../state/ui-state.ts";

export interface MenuProps {
  readonly title: string;
  readonly items: readonly MenuItem[];
  readonly initial: number;
  readonly rect: Rect;
  readonly look: Look;
  readonly onChoose: (value: string) => void;
}

/** Border, padding and the mark before each item. */
const AROUND_COLUMNS = 6;
/** Border and title. */
const AROUND_ROWS = 3;

/** Number keys, j/k and arrows choose; Enter accepts. */
export function Menu({ title, items, initial, rect, look, onChoose }: MenuProps): ReactElement {
  const room = Math.max(1, rect.columns - AROUND_COLUMNS);
  const shown = items.map(({ label, value }) => ({
    key: value,
    label: clip(sanitizeLine(label, { sgr: "strip", ascii: look.ascii }), room, look.glyphs.ellipsis),
    value,
  }));
  return (
    <Box
      width={rect.columns}
      height={rect.rows}
      flexDirection="column"
      borderStyle={look.ascii ? "classic" : "single"}
      paddingX={1}
    >
      <Text wrap="truncate">{look.paint("title", title)}</Text>
      <SelectInput
        items={shown}
        initialIndex={initial}
        limit={Math.max(1, rect.rows - AROUND_ROWS)}
        indicatorComponent={({ isSelected = false }) => (
          <Text>{isSelected ? `${look.glyphs.current} ` : "  "}</Text>
        )}
        itemComponent={({ isSelected = false, label }) => (
          <Text wrap="truncate">{isSelected ? look.paint("selected", label) : label}</Text>
        )}
        onSelect={({ value }) => onChoose(value)}
      />
    </Box>
  );
}

/** The menu, where Escape, q and Ctrl-C leave it. */
export function LeavableMenu({
  onLeave,
  ...menu
}: MenuProps & { readonly onLeave: () => void }): ReactElement {
  useInput((input, key) => {
    if (key.escape || input === "q" || (key.ctrl && input === "c")) onLeave();
  });
  return <Menu {...menu} />;
}

/** In the middle of the screen, as large as the items need and the screen allows. */
export function menuRect(title: string, items: readonly MenuItem[], screen: Size): Rect {
  const widest = Math.max(textWidth(title), ...items.map(({ label }) => textWidth(label)));
  const columns = Math.max(4, Math.min(screen.columns, Math.max(30, widest + AROUND_COLUMNS)));
  const rows = Math.max(1, Math.min(screen.rows - 2, items.length + AROUND_ROWS));
  return {
    x: Math.floor((screen.columns - columns) / 2),
    y: Math.max(0, Math.floor((screen.rows - rows) / 2)),
    columns,
    rows,
  };
}
