import { expect, test } from "vitest";
import { FrameReader, framedJson, GREETING } from "../../../src/attach/frames.ts";
import { type Hello, helloFrame, readHello } from "../../../src/attach/hello.ts";

function sent(frame: Buffer): Hello | undefined {
  const [hello] = new FrameReader(["hello"]).push(Buffer.concat([Buffer.from(GREETING), frame]));
  return hello === undefined ? undefined : readHello(hello.payload);
}

const SIZE = { columns: 100, rows: 30 };

test("a hello arrives as it was said, with nothing of the environment but what a terminal is known by", () => {
  const env = { TERM: "xterm", LANG: "C.UTF-8", AWS_SECRET: "s" };
  expect(sent(helloFrame({ wish: "shell", side: "base", size: SIZE, env }))).toEqual({
    wish: "shell",
    side: "base",
    size: SIZE,
    env: { TERM: "xterm", LANG: "C.UTF-8" },
  });
  expect(sent(helloFrame({ wish: "watch", size: SIZE, env: {} }))).toMatchObject({ wish: "watch" });
});

test("who wishes for what there is not says no hello", () => {
  for (const said of [{}, { wish: "all" }, { wish: "shell", side: "both" }, { wish: "shell", side: 1 }])
    expect(sent(framedJson("hello", { ...SIZE, env: {}, ...said }))).toBeUndefined();
});
