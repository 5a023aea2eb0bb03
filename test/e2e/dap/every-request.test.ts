/** Every request of the protocol gets exactly one valid answer, wherever a session stands, with good and wrong arguments. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ARGUMENTS, type RequestName } from "../../../src/dap/requests/arguments.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { goodArguments, MOVES, type Referred, WRONG_ARGUMENTS } from "../../support/dap-arguments.ts";
import type { DapClient } from "../../support/dap-client.ts";
import { covers } from "../../support/dap-covers.ts";
import { PROTOCOL_REQUESTS, REVERSE_REQUESTS } from "../../support/dap-schema.ts";
import { engineHost, type ServedSession, servedSession } from "../../support/dap-served.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { busyboxContext, type TestContext, testEngines } from "../../support/engines.ts";

const NAMES = Object.keys(ARGUMENTS) as RequestName[];
covers(...NAMES);

const DOCKERFILE =
  "FROM busybox:1.36 AS base\nRUN echo one\nFROM base AS app\nCOPY --from=base /bin/sh /sh\nRUN echo two\n";
const FILES = {
  Dockerfile: DOCKERFILE,
  "Dockerfile.failing": "FROM busybox:1.36\nRUN exit 3\n",
  "Dockerfile.slow": "FROM busybox:1.36\nCOPY busybox /busybox\nRUN sleep 100\n",
};

const [engine] = testEngines();
let context: TestContext;

beforeAll(async () => {
  context = await busyboxContext({ files: FILES, unique: true });
});
afterAll(() => context[Symbol.asyncDispose]());

/** Sessions that stand there, and what can be referred to. */
interface State {
  readonly name: string;
  reach(client: DapClient): Promise<Partial<Referred>>;
  readonly gate?: (signal: AbortSignal) => Promise<void>;
}

const forever = (signal: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

const launched = async (client: DapClient, body: object): Promise<void> => {
  await client.request("initialize", {});
  await client.request("launch", { stopOnEntry: true, ...body });
};
const begun = async (client: DapClient, body: object = {}): Promise<void> => {
  await launched(client, body);
  await client.request("configurationDone");
};
const stood = async (client: DapClient): Promise<Partial<Referred>> => {
  const { frames } = await client.stop();
  return { frameId: frames[0]?.id ?? 0 };
};

const STATES: readonly State[] = [
  { name: "fresh", reach: () => Promise.resolve({}) },
  {
    name: "initialized",
    reach: async (client) => {
      await client.request("initialize", {});
      return {};
    },
  },
  {
    name: "opening",
    reach: async (client) => {
      await client.request("initialize", {});
      client.send("launch", {});
      return {};
    },
    gate: forever,
  },
  {
    name: "open",
    reach: async (client) => {
      await launched(client, {});
      return {};
    },
  },
  {
    name: "running",
    reach: async (client) => {
      await begun(client, { file: "Dockerfile.slow", stopOnEntry: false });
      await client.event("output", ({ output }) => output.includes("sleep 100"));
      return {};
    },
  },
  {
    name: "stopped",
    reach: async (client) => {
      await begun(client);
      return await stood(client);
    },
  },
  {
    name: "exception",
    reach: async (client) => {
      await begun(client, { file: "Dockerfile.failing", stopOnEntry: false });
      return await stood(client);
    },
  },
  {
    name: "finished",
    reach: async (client) => {
      await begun(client, { stopOnEntry: false });
      await client.event("terminated");
      return {};
    },
  },
];

async function sessionAt(
  state: State,
): Promise<{ session: ServedSession; good: Readonly<Record<RequestName, unknown>> }> {
  const host = engineHost(engine ?? expect.unreachable(), {
    requestOf: ({ file = "Dockerfile" }) => ({
      ...REQUEST,
      source: fromDockerfile(context.path, join(context.path, String(file))),
    }),
    ...(state.gate === undefined ? {} : { gate: state.gate }),
  });
  const session = servedSession(host);
  const referred = await state.reach(session.client);
  const path = join(context.path, "Dockerfile");
  return { session, good: goodArguments({ path, frameId: 1000, ...referred }) };
}

test("the table has the requests of the protocol", () => {
  expect([...NAMES].sort()).toEqual(PROTOCOL_REQUESTS.filter((name) => !REVERSE_REQUESTS.includes(name)));
});

describe.each(STATES)("where a session is $name", (state) => {
  test("what moves nothing is answered, in any order and all at once", async () => {
    const { session, good } = await sessionAt(state);
    await using _ = session;
    const { client } = session;
    const quiet = NAMES.filter((name) => !MOVES.has(name));
    for (const name of quiet) {
      await client.ask(name, good[name]);
      for (const args of WRONG_ARGUMENTS) await client.ask(name, args);
    }
    await Promise.all(quiet.map((name) => client.ask(name, good[name])));
    await expectStandsSame(state, client);
    expect(client.unanswered).toEqual(state.name === "opening" ? ["launch"] : []);
  });

  test("what moves is answered, each in a session of its own", async () => {
    await Promise.all(
      [...MOVES].map(async (name) => {
        const { session, good } = await sessionAt(state);
        await using _ = session;
        const { client } = session;
        const wrong = NEEDS_NOTHING.has(name) ? NO_OBJECTS : WRONG_ARGUMENTS;
        for (const args of wrong)
          if (!client.isOver) {
            const answer = await client.ask(name, args);
            expect(answer, `${name} ${JSON.stringify(args)}`).toMatchObject({ command: name });
          }
        if (client.isOver) return;
        const seq = client.send(name, good[name]);
        // A launch that waits for an engine is answered when it is given up.
        if (isWaiting(state, name)) await client.ask("cancel", { requestId: seq });
        await client.answerTo(seq);
        if (name !== "disconnect") await client.ask("threads");
      }),
    );
  });
});

const NO_OBJECTS: readonly unknown[] = ["text", 7, true];
/** Any object is good enough for them. */
const NEEDS_NOTHING: ReadonlySet<RequestName> = new Set<RequestName>([
  "configurationDone",
  "restart",
  "disconnect",
  "terminate",
]);

function isWaiting(state: State, name: RequestName): boolean {
  return state.gate !== undefined && (name === "launch" || name === "attach");
}

async function expectStandsSame({ name }: State, client: DapClient): Promise<void> {
  const threads = await client.ask("threads");
  expect(threads.success).toBe(name !== "fresh");
  const stack = await client.ask("stackTrace", { threadId: 1 });
  expect(stack.success).toBe(["open", "stopped", "exception", "finished"].includes(name));
}

test("nothing is answered once a session is over", async () => {
  const { session } = await sessionAt({ name: "initialized", reach: async () => ({}) });
  await using _ = session;
  const { client } = session;
  const [first, second] = [client.send("disconnect"), client.send("threads")];
  expect(await client.answerTo(first)).toMatchObject({ success: true });
  await client.answerTo(second).catch(() => undefined);
  await client.over();
});
