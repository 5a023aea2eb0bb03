import fc from "fast-check";
import { expect, test } from "vitest";
import {
  initialUiState,
  keepVisible,
  NO_SPLITS,
  reduceUi,
  TOAST_MS,
  type UiAction,
} from "../../../../src/tui/state/ui-state.ts";

function after(...actions: readonly UiAction[]): ReturnType<typeof reduceUi> {
  return actions.reduce(reduceUi, initialUiState());
}

test("focusing a lower pane shows it, focusing the source keeps what is shown below", () => {
  const state = after({ kind: "focus", pane: "breaks" }, { kind: "focus", pane: "source" });
  expect(state).toMatchObject({ focus: "source", lower: "breaks" });
});

test("the keyboard comes back to the debugger when another pane is focused", () => {
  const inShell = after({ kind: "keyboard", owner: "shell" });
  expect(inShell).toMatchObject({ focus: "shell", lower: "shell", keyboard: "shell" });
  expect(reduceUi(inShell, { kind: "focus", pane: "log" }).keyboard).toBe("debugger");
});

test("a toast ends after its time, an error stays until it is cleared, and both are kept", () => {
  const said = after({ kind: "say", message: { text: "moved", level: "info", atMs: 1000 } });
  expect(reduceUi(said, { kind: "tick", nowMs: 1000 + TOAST_MS - 1 }).toast?.text).toBe("moved");
  expect(reduceUi(said, { kind: "tick", nowMs: 1000 + TOAST_MS }).toast).toBeUndefined();
  const failed = reduceUi(said, { kind: "say", message: { text: "lost", level: "error", atMs: 2000 } });
  const later = reduceUi(failed, { kind: "tick", nowMs: 1e9 });
  expect(later.toast?.text).toBe("lost");
  expect(reduceUi(later, { kind: "toast-clear" }).toast).toBeUndefined();
  expect(later.messages.map(({ text }) => text)).toEqual(["moved", "lost"]);
});

test("messages and the command line's history are bounded, the latest are kept", () => {
  let state = initialUiState();
  for (let n = 0; n < 1000; n += 1) {
    state = reduceUi(state, { kind: "say", message: { text: `${n}`, level: "info", atMs: n } });
    state = reduceUi(state, { kind: "remember-input", text: `${n}` });
  }
  expect(state.messages).toHaveLength(500);
  expect(state.history).toHaveLength(100);
  expect([state.messages.at(-1)?.text, state.history.at(-1)]).toEqual(["999", "999"]);
});

test("an action that changes nothing gives the same object", () => {
  const state = initialUiState();
  const idle: readonly UiAction[] = [
    { kind: "focus", pane: "source" },
    { kind: "zoom", on: false },
    { kind: "keyboard", owner: "debugger" },
    { kind: "tick", nowMs: 0 },
    { kind: "search-clear" },
    { kind: "toast-clear" },
    { kind: "recall", splits: NO_SPLITS, history: state.history },
    { kind: "file-changed", changed: false },
  ];
  for (const action of idle) expect(reduceUi(state, action)).toBe(state);
});

test("a cursor is always within the rows shown, whatever the sizes", () => {
  fc.assert(
    fc.property(
      fc.record({
        cursor: fc.integer({ min: -5, max: 300 }),
        top: fc.integer({ min: 0, max: 300 }),
        centered: fc.boolean(),
      }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 80 }),
      (view, total, rows) => {
        const shown = keepVisible({ ...view, left: 0 }, total, rows);
        expect(shown.cursor).toBeGreaterThanOrEqual(shown.top);
        expect(shown.cursor).toBeLessThan(shown.top + rows);
        expect(shown.cursor).toBeLessThan(total);
        expect(shown.top).toBeLessThanOrEqual(Math.max(0, total - rows));
      },
    ),
  );
});
