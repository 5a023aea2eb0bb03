/** What can be attached to, as the processes themselves tell. */

import { connectToSocket, livingSockets } from "../base/socket-folder.ts";
import { FrameReader, GREETING } from "./frames.ts";
import { helloFrame, readFacts, type ServedFacts } from "./hello.ts";

export type Attachable = ServedFacts & {
  /** Of the socket. */
  readonly path: string;
};

const ANSWER_MS = 2000;

/** Those of this user that answer. */
export async function attachables(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Attachable[]> {
  const found = await Promise.all((await livingSockets(env)).map(factsOf));
  return found.filter((each) => each !== undefined);
}

async function factsOf(path: string): Promise<Attachable | undefined> {
  const socket = await connectToSocket(path).catch(() => undefined);
  if (socket === undefined) return undefined;
  const reader = new FrameReader(["facts", "bye"]);
  const facts = await new Promise<ServedFacts | undefined>((resolve) => {
    // A process that is stopped keeps its socket and does not answer.
    socket.setTimeout(ANSWER_MS, () => resolve(undefined));
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(undefined));
    socket.on("data", (chunk) => {
      try {
        for (const { type, payload } of reader.push(chunk)) if (type === "facts") resolve(readFacts(payload));
      } catch {
        resolve(undefined);
      }
    });
    socket.write(GREETING);
    socket.write(helloFrame({ wish: "facts", size: { columns: 80, rows: 24 }, env: {} }));
  });
  socket.destroy();
  return facts === undefined ? undefined : { ...facts, path };
}
