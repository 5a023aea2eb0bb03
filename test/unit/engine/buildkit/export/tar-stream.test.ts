/** The end of a captured archive: an export is made of a whole one only. */
import { expect, test } from "vitest";
import { tarOf } from "../../../../../src/engine/buildkit/export/tar-stream.ts";
import type { Process } from "../../../../../src/engine/engine.ts";

const END = "\0".repeat(1024);

/** A process that prints this, in pieces of some bytes. */
function printing(text: string, size: number): Process {
  return {
    write: () => undefined,
    endInput: () => undefined,
    resize: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    onData: (listener) => {
      const bytes = Buffer.from(text, "latin1");
      for (let at = 0; at < bytes.length; at += size) listener(bytes.subarray(at, at + size));
    },
    exited: Promise.resolve(0),
  };
}

async function read(text: string, size: number): Promise<{ readonly tar: string; readonly end: unknown }> {
  const chunks: Uint8Array[] = [];
  let end: unknown;
  const onEnd = (each: unknown): void => {
    end = each;
  };
  for await (const chunk of tarOf(printing(text, size), { mark: "MARK", onBytes: () => undefined, onEnd }))
    chunks.push(chunk);
  // Its own first entry is left out.
  return { tar: Buffer.concat(chunks.slice(1)).toString("latin1"), end };
}

test.each([1, 7, 4096])(
  "the last words are taken off, wherever pieces of %s bytes cut them",
  async (size) => {
    const body = `entry \nMARKED \n${END}`;
    expect(await read(`${body}\nMARK gnu 1 tar: x: file changed`, size)).toEqual({
      tar: body,
      end: { program: "gnu", exitCode: 1, said: "tar: x: file changed" },
    });
  },
);

test.each([
  ["cut", `entry\nMARK gnu 2 tar: short write`, /could not read the state: tar: short write/],
  ["without last words", `entry${END}`, /ended before all of it was read/],
  ["never begun", "\nMARK other 127 sh: tar: not found", /tar: not found/],
])("an archive that is %s is none", async (_what, text, why) => {
  await expect(read(text, 512)).rejects.toThrow(why);
});
