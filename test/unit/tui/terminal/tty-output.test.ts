import { execFileSync } from "node:child_process";
import { closeSync, constants, createReadStream, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { ttyOutput } from "../../../../src/tui/terminal/tty-output.ts";

/** More than a pipe holds. */
const frame = Array.from({ length: 40_000 }, (_, index) => `row ${index}\n`).join("");

test("a reader that stands still stops no turn of the loop, and gets every byte in order once it goes on", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-fifo-"));
  const path = join(directory, "fifo");
  execFileSync("mkfifo", [path]);
  // Held open at both ends, so that writing begins before anybody reads.
  const held = openSync(path, constants.O_RDWR);
  const written = openSync(path, constants.O_WRONLY);
  try {
    let isDone = false;
    const taken = new Promise<void>((resolve, reject) => {
      ttyOutput(written).write(frame, (error) => {
        isDone = true;
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    await setImmediate();
    expect(isDone).toBe(false);
    let text = "";
    for await (const part of createReadStream(path, { encoding: "utf8" })) {
      text += part;
      if (text.length >= frame.length) break;
    }
    expect(text).toBe(frame);
    await taken;
  } finally {
    closeSync(held);
    closeSync(written);
    await rm(directory, { recursive: true });
  }
});

test("what is taken at once is done at once", async () => {
  const output = openSync("/dev/null", constants.O_WRONLY);
  try {
    let isDone = false;
    ttyOutput(output).write("a frame", () => {
      isDone = true;
    });
    expect(isDone).toBe(true);
  } finally {
    closeSync(output);
  }
});
