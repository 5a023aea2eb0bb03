import { expect, test } from "vitest";
import { keyBytes, untilKey } from "../../../src/attach/leave-keys.ts";
import { isLineBegun } from "../../../src/attach/line-start.ts";
import { ShellOutput } from "../../../src/attach/shell-output.ts";
import { BktuiError } from "../../../src/base/errors.ts";

/** Takes one write, and the next when it is told to. */
class Taking {
  readonly writes: string[] = [];
  #done: ((error?: BktuiError) => void) | undefined;

  write(text: string | Uint8Array, done: (error?: BktuiError) => void): void {
    this.writes.push(Buffer.from(text).toString("utf8"));
    this.#done = done;
  }

  take(error?: BktuiError): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }

  /** All that it is sent. */
  all(): string {
    while (this.#done !== undefined) this.take();
    return this.writes.join("");
  }
}

test("lines of the debugger stand in rows of their own, harmless, and in ASCII where nothing else is shown", () => {
  const terminal = new Taking();
  const output = new ShellOutput(terminal, { ascii: false, dumb: false });
  output.line("— first");
  output.write("prompt # ");
  output.line("— \u001b]0;owned\u0007\nsecond · …");
  output.write("ended\r\n\u001b[?2004l\r");
  output.line("— third");
  expect(terminal.all()).toBe(
    "— first\r\nprompt # \r\n— ^[]0;owned^G second · …\r\nended\r\n\u001b[?2004l\r— third\r\n",
  );
  const plain = new Taking();
  new ShellOutput(plain, { ascii: true, dumb: false }).line("— a · b…");
  expect(plain.all()).toBe("-- a - b...\r\n");
});

test("a terminal that obeys no sequences gets those of its shell alone", () => {
  for (const dumb of [false, true]) {
    const terminal = new Taking();
    const output = new ShellOutput(terminal, { ascii: false, dumb });
    output.write("\u001b[1mbold");
    output.modes("\u001b[0m");
    expect(terminal.all()).toBe(dumb ? "\u001b[1mbold" : "\u001b[1mbold\u001b[0m");
  }
});

test("one write is under way at a time; a terminal that does not read keeps little here, and its shell waits", () => {
  const terminal = new Taking();
  const output = new ShellOutput(terminal, { ascii: false, dumb: false });
  let drained = 0;
  output.onDrain = () => {
    drained += 1;
  };
  expect(output.write("a")).toBe(true);
  expect(output.write("b")).toBe(true);
  expect(output.write("x".repeat(64 * 1024))).toBe(false);
  expect(terminal.writes).toEqual(["a"]);
  terminal.take();
  expect(drained).toBe(1);
  expect(terminal.writes[1]).toHaveLength(64 * 1024 + 1);
  output.beat();
  expect(terminal.writes).toHaveLength(2);
  terminal.take();
  output.beat();
  expect(terminal.writes).toHaveLength(3);
  expect(terminal.writes[2]).toBe("");
  // One that is gone is written to no more.
  terminal.take(new BktuiError("io", "gone"));
  output.write("late");
  expect(terminal.writes).toHaveLength(3);
});

test("keys that leave are found wherever they stand in what is typed", () => {
  const keys = keyBytes(["Ctrl-]", "F12"]);
  const typed = (text: string): readonly [string, boolean] => {
    const [before, leaves] = untilKey(Buffer.from(text, "latin1"), keys);
    return [before.toString("latin1"), leaves];
  };
  expect(typed("ls\r")).toEqual(["ls\r", false]);
  expect(typed("ls\u001dq")).toEqual(["ls", true]);
  expect(typed("\u001b[24~")).toEqual(["", true]);
  expect(typed("\u001b[23~")).toEqual(["\u001b[23~", false]);
  expect(keyBytes([])).toEqual([]);
});

test("a line has begun where something stands in it that a person sees", () => {
  expect(isLineBegun("root # ", false)).toBe(true);
  expect(isLineBegun("root # \u001b[6n", false)).toBe(true);
  expect(isLineBegun("done\r\n\u001b[?2004l\r", true)).toBe(false);
  expect(isLineBegun("\u001b[0m", true)).toBe(true);
  expect(isLineBegun("", false)).toBe(false);
});
