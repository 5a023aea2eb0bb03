/** The chrome as Ink lays it out: status row, rules, hints; blank where panes lie over it. */
import { Box, Text } from "ink";
import { createElement, type ReactElement } from "react";

export interface AppProps {
  /** One finished string per screen row. */
  readonly rows: readonly string[];
  readonly columns: number;
}

export function App({ rows, columns }: AppProps): ReactElement {
  // Children by place, not by key: a row is its place on the screen.
  return createElement(
    Box,
    { flexDirection: "column", width: columns, height: rows.length },
    ...rows.map((row) => createElement(Text, { wrap: "truncate" }, row === "" ? " " : row)),
  );
}
