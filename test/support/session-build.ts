/** The least client that runs a whole build on a session, to see what of a session reaches a real engine. */
import { control } from "../../src/protocol/methods.ts";
import type { Attachable, Call, Handler } from "../../src/session/attachable.ts";
import { openSession, type Session } from "../../src/session/session.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { Channel } from "../../src/transport/channel.ts";
import type { TestEngine } from "./test-engine.ts";

export interface SessionBuild extends AsyncDisposable {
  readonly session: Session;
  /** Builds `Dockerfile` without cache; resolves with the output of its steps. */
  run(): Promise<string>;
}

export async function openSessionBuild(
  engine: TestEngine,
  services: readonly Attachable[],
  sharedKey: string,
): Promise<SessionBuild> {
  const { signal } = new AbortController();
  const channel = await Channel.open(parseAddress(engine.dockerHost, engine.kind), { signal });
  const session = await openSession(channel, services, { sharedKey, signal });
  return {
    session,
    run: () => build(channel, session),
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]();
      await channel[Symbol.asyncDispose]();
    },
  };
}

async function build(channel: Channel, session: Session): Promise<string> {
  const ref = `test-${session.id}`;
  const solved = channel.unary(control.solve, {
    Ref: ref,
    Session: session.id,
    Frontend: "dockerfile.v0",
    FrontendAttrs: { filename: "Dockerfile", "no-cache": "" },
    Cache: {},
  });
  const output = readLogs(channel, ref);
  await solved;
  return await output;
}

async function readLogs(channel: Channel, ref: string): Promise<string> {
  const parts: Uint8Array[] = [];
  try {
    for await (const status of channel.serverStream(control.status, { Ref: ref })) {
      for (const log of status.logs ?? []) parts.push(log.msg ?? new Uint8Array());
    }
  } catch (error) {
    // A build that fails early has no status; its own error says more.
    parts.push(Buffer.from(`(no status: ${String(error)})`));
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The same services, but every message they send is shown to `onWrite` first. */
export function watched(service: Attachable, onWrite: (message: Uint8Array, call: Call) => void): Attachable {
  const watch =
    (handler: Handler): Handler =>
    async (call) => {
      const shown: Call = {
        metadata: call.metadata,
        messages: call.messages,
        cancelled: call.cancelled,
        drained: () => call.drained(),
        write: (message) => {
          onWrite(message, call);
          return call.write(message);
        },
      };
      await handler(shown);
    };
  return { methods: new Map([...service.methods].map(([path, handler]) => [path, watch(handler)])) };
}
