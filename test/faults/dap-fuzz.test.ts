/** S45: ten thousand sequences of random and changed requests of an editor, the same in each run. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { goodArguments } from "../support/dap-arguments.ts";
import { randomBytes, randomRequest } from "../support/dap-fuzz.ts";
import { engineHost, NO_BUILDS, type ServedSession, servedSession } from "../support/dap-served.ts";
import { REQUEST } from "../support/debug-driver.ts";
import { leftOn } from "../support/engine-census.ts";
import { busyboxContext, type TestContext } from "../support/engines.ts";
import { newestSuite, OwnEngine } from "../support/own-engine.ts";
import { numbersFrom } from "../support/seeded-numbers.ts";

const SEQUENCES = 10_000;
/** Of them: with builds on an engine. */
const WITH_BUILDS = 200;
const AT_ONCE = 8;
const MOST_REQUESTS = 12;
/** For one sequence on a busy machine; nothing waits for longer than an engine takes. */
const MOST_MS = 20_000;

let own: OwnEngine;
let context: TestContext;
beforeAll(async () => {
  own = await OwnEngine.start();
  context = await busyboxContext({
    files: {
      // A new engine has no images.
      Dockerfile: `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN echo one
FROM base AS app
RUN echo two
RUN exit 3
`,
    },
  });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});

/** @throws {Error} with what it was when it takes too long. */
async function soon<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`never ended: ${what}`)), MOST_MS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Every sequence by its number, some at once. */
async function all(numbers: readonly number[], run: (number: number) => Promise<void>): Promise<void> {
  const left = [...numbers];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let number = left.shift(); number !== undefined; number = left.shift())
        await soon(run(number), `sequence ${number}`);
    }),
  );
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

/** Who is asked answers, sooner or later, unless the session is over. */
async function expectAnswers({ client }: ServedSession, asked: readonly number[]): Promise<void> {
  for (const seq of asked) {
    const answer = await client.answerTo(seq).catch((error: unknown) => error);
    if (client.isOver) return;
    expect(answer).toMatchObject({ type: "response" });
  }
  expect(client.unanswered).toEqual([]);
}

test("S45 · without a build: whole messages of any kind, each answered once", async () => {
  const good = goodArguments({ path: "/nowhere/Dockerfile", frameId: 1000 });
  await all(range(0, (SEQUENCES - WITH_BUILDS) / 2), async (number) => {
    const below = numbersFrom(number);
    await using session = servedSession(NO_BUILDS);
    const { client } = session;
    const asked = below(4) > 0 ? [client.send("initialize", {})] : [];
    for (let count = below(MOST_REQUESTS); count > 0 && !client.isOver; count -= 1) {
      const { command, args } = randomRequest(good, below);
      asked.push(client.send(command, args));
    }
    await expectAnswers(session, [...asked, client.send("threads")]);
  });
});

test("S45 · without a build: bytes that are nearly messages", async () => {
  const good = goodArguments({ path: "/nowhere/Dockerfile", frameId: 1000 });
  await all(range((SEQUENCES - WITH_BUILDS) / 2, SEQUENCES - WITH_BUILDS), async (number) => {
    const below = numbersFrom(number);
    await using session = servedSession(NO_BUILDS, { sendsBytes: true });
    const { client } = session;
    client.send("initialize", {});
    for (let count = below(MOST_REQUESTS); count > 0 && !client.isOver; count -= 1) {
      const bytes = randomBytes(good, below);
      const at = below(bytes.length);
      client.sendBytes(bytes.subarray(0, at));
      if (below(2) === 0) await Promise.resolve();
      client.sendBytes(bytes.subarray(at));
    }
    // A message may be cut off, and take what comes next for its end: the connection's end is an end in any case.
    if (below(2) === 0) session.cut();
    else await client.close();
    await session.done;
  });
});

test("S34 S45 · with builds on an engine: requests, stops and ends in any order, and nothing is left", async () => {
  const path = join(context.path, "Dockerfile");
  const request = { ...REQUEST, source: fromDockerfile(context.path, path) };
  const host = engineHost(own.engine, { requestOf: () => request });
  await all(range(SEQUENCES - WITH_BUILDS, SEQUENCES), async (number) => {
    const below = numbersFrom(number);
    await using session = servedSession(host);
    const { client } = session;
    const asked = [
      client.send("initialize", {}),
      client.send("launch", { stopOnEntry: below(3) > 0 }),
      client.send("configurationDone"),
    ];
    const stop = below(3) > 0 ? await client.stop().catch(() => undefined) : undefined;
    const good = goodArguments({ path, frameId: stop?.frames[0]?.id ?? 1000 });
    for (let count = below(MOST_REQUESTS); count > 0 && !client.isOver; count -= 1) {
      const { command, args } = randomRequest(good, below);
      const seq = client.send(command, args);
      asked.push(seq);
      if (below(3) === 0) asked.push(client.send("cancel", { requestId: seq }));
    }
    if (below(4) === 0) session.cut();
    else await expectAnswers(session, asked);
  });
  expect(await leftOn(own.directory, newestSuite())).toEqual([]);
});
