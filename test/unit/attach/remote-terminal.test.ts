import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { expect, test } from "vitest";
import { FrameReader, framed, GREETING } from "../../../src/attach/frames.ts";
import { RemoteTerminal } from "../../../src/attach/remote-terminal.ts";

/** More than the system keeps for a connection. */
const MUCH = "x".repeat(8 * 1024 * 1024);

test("what is drawn behind the last words is not sent, and the last words arrive all the same", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const [[near], far] = await Promise.all([
    once(server, "connection"),
    Promise.resolve(createConnection(address.port, "127.0.0.1").pause()),
  ]);
  const terminal = new RemoteTerminal(near, { columns: 80, rows: 24 });
  near.write(GREETING);
  const errors: (string | undefined)[] = [];
  terminal.output.write(MUCH, (error) => errors.push(error?.message));
  near.end(framed("bye", Buffer.from("over")));
  terminal.output.write("late", (error) => errors.push(error?.message));
  expect(errors).toEqual(["the attached terminal is gone"]);
  const reader = new FrameReader(["screen", "bye"]);
  let drawn = 0;
  let words = "";
  far.on("data", (chunk) => {
    for (const { type, payload } of reader.push(chunk)) {
      if (type === "screen") drawn += payload.length;
      else words = payload.toString();
    }
  });
  far.resume();
  await once(far, "close");
  expect(words).toBe("over");
  expect(drawn).toBe(MUCH.length);
  server.close();
});
