import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyDecoder } from "../../../../src/tui/input/decode.ts";
import type { InputEvent } from "../../../../src/tui/input/events.ts";

function decode(input: string | Uint8Array, chunk = 1000): InputEvent[] {
  const bytes = Buffer.from(input);
  const decoder = new KeyDecoder();
  const events: InputEvent[] = [];
  const drain = (take: () => InputEvent | undefined): void => {
    for (let event = take(); event !== undefined; event = take()) events.push(event);
  };
  for (let at = 0; at < bytes.length; at += chunk) {
    decoder.push(bytes.subarray(at, at + chunk));
    drain(() => decoder.next());
  }
  drain(() => decoder.flush());
  return events;
}

function chords(input: string | Uint8Array, chunk?: number): string[] {
  return decode(input, chunk).map((event) => (event.type === "key" ? event.chord : event.type));
}

describe("key decoding", () => {
  const table: readonly (readonly [string, ...string[]])[] = [
    ["n", "n"],
    ["N", "N"],
    ["é", "é"],
    ["Space", " "],
    ["Enter", "\r"],
    ["Ctrl-j", "\n"],
    ["Tab", "\t"],
    ["S-Tab", "\u001b[Z"],
    ["Backspace", "\u007f", "\b"],
    ["Esc", "\u001b"],
    ["Ctrl-c", "\u0003"],
    ["Ctrl-]", "\u001d", "\u001b[93;5u", "\u001b[27;5;93~"],
    ["Ctrl-Space", "\u0000"],
    ["Alt-x", "\u001bx"],
    ["Alt-[", "\u001b["],
    ["Alt-O", "\u001bO"],
    ["Ctrl-Alt-a", "\u001b\u0001"],
    ["Up", "\u001b[A", "\u001bOA"],
    ["Ctrl-Up", "\u001b[1;5A", "\u001bOa"],
    ["S-Up", "\u001b[1;2A", "\u001b[a"],
    ["Alt-Up", "\u001b[1;3A", "\u001b\u001b[A"],
    ["Home", "\u001b[H", "\u001bOH", "\u001b[1~", "\u001b[7~"],
    ["End", "\u001b[F", "\u001bOF", "\u001b[4~", "\u001b[8~"],
    ["PgUp", "\u001b[5~"],
    ["PgDn", "\u001b[6~"],
    ["Insert", "\u001b[2~"],
    ["Delete", "\u001b[3~"],
    ["Ctrl-Delete", "\u001b[3;5~", "\u001b[3^"],
    ["F1", "\u001bOP", "\u001b[11~", "\u001b[[A", "\u001b[P"],
    ["F3", "\u001bOR", "\u001b[13~", "\u001b[[C"],
    ["S-F3", "\u001b[1;2R", "\u001b[28~", "\u001b[13$"],
    ["F5", "\u001b[15~", "\u001b[[E"],
    ["Ctrl-S-F5", "\u001b[15;6~"],
    ["F6", "\u001b[17~"],
    ["F9", "\u001b[20~"],
    ["F10", "\u001b[21~"],
    ["F11", "\u001b[23~"],
    ["S-F11", "\u001b[23;2~", "\u001b[23$"],
    ["F12", "\u001b[24~"],
    ["5", "\u001bOu"],
    ["Enter", "\u001bOM"],
  ];
  test.each(table)("%s is recognised, also byte by byte", (chord, ...sequences) => {
    for (const sequence of sequences) {
      expect(chords(sequence)).toEqual([chord]);
      expect(chords(sequence, 1)).toEqual([chord]);
    }
  });

  test("Esc before another key is two keys when they come apart and Alt when they come together", () => {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from("\u001b"));
    expect(decoder.next()).toBeUndefined();
    expect(decoder.pending).toBe(true);
    expect(decoder.flush()).toMatchObject({ chord: "Esc" });
    decoder.push(Buffer.from("q"));
    expect(decoder.next()).toMatchObject({ chord: "q", char: "q" });
    expect(decoder.pending).toBe(false);
  });

  test("answers of the terminal are no keys", () => {
    const answers =
      "\u001b[12;40R\u001b[?62;c\u001b]11;rgb:0000/0000/0000\u001b\\\u001bP1$r0m\u001b\\\u001b[?2026;2$y";
    expect(chords(`${answers}n`)).toEqual(["n"]);
    expect(chords(`${answers}n`, 3)).toEqual(["n"]);
  });

  test("mouse and focus reports have their own events", () => {
    expect(decode("\u001b[<0;5;7M\u001b[<0;5;7m\u001b[<65;1;1M\u001b[<36;2;3M")).toMatchObject([
      { type: "mouse", action: "press", button: "left", x: 4, y: 6 },
      { type: "mouse", action: "release", button: "left" },
      { type: "mouse", action: "wheel-down", button: "none" },
      { type: "mouse", action: "move", shift: true },
    ]);
    expect(decode("\u001b[I\u001b[O")).toEqual([
      { type: "focus", focused: true },
      { type: "focus", focused: false },
    ]);
  });

  test("any bytes in any chunks are decoded to the end, and text survives the cuts", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (bytes, chunk) => {
        decode(bytes, chunk);
        // What they may have begun is ended; a report of the mouse may take three more bytes.
        expect(chords(Buffer.concat([bytes, Buffer.from("\u001b\\qqqq")])).at(-1)).toBe("q");
      }),
      // An answer of the terminal is no key: nothing else is in it.
      { examples: [[Uint8Array.of(0x1b, 0x58), 1]] },
    );
    expect(chords("n宽👍é", 1)).toEqual(["n", "宽", "👍", "é"]);
  });
});
