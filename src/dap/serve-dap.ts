/** One client of the Debug Adapter Protocol, from its first byte to its last. This part is loaded late. */
import { quietly } from "../base/quietly.ts";
import type { ServeDap } from "./host.ts";
import { answerTo } from "./requests/table.ts";
import { errorBody } from "./state/error-words.ts";
import { gapWords } from "./state/output.ts";
import { Session } from "./state/session.ts";
import { Connection } from "./wire/connection.ts";

/** How long the last words may take to reach a client that does not read. */
const LAST_WORDS_MS = 1000;

export const serveDap: ServeDap = async (host, streams, { signal }) => {
  const masked = (text: string): string => (session.hasBuild ? session.build.masked(text) : text);
  const connection: Connection = new Connection({
    streams,
    answer: async (request) => await answerTo(session, request),
    errorBody: (error, command) => errorBody(error, command, masked),
    gapMessage: ({ lines }) => ({
      type: "event",
      event: "output",
      body: { category: "console", output: gapWords(lines) },
    }),
  });
  const session = new Session({ host, connection });
  try {
    await connection.run(AbortSignal.any([signal, session.left.signal]));
  } finally {
    session.phase = "over";
    session.left.abort();
    await flushedSoon(connection);
    await quietly(session.owned[Symbol.asyncDispose]());
    if (session.hasBuild) await session.build[Symbol.asyncDispose]();
  }
};

async function flushedSoon(connection: Connection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_WORDS_MS);
  });
  await Promise.race([connection.flushed(), late]);
  clearTimeout(timer);
}
