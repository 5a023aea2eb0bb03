import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { moby } from "#proto";
import { openSshService } from "../../../src/session/ssh.ts";
import { type PeerCall, SessionPeer } from "../../support/session-peer.ts";

const { BytesMessage, CheckAgentRequest } = moby.sshforward.v1;
const failure = [0, 0, 0, 1, 5];
let directory = "";
let agent: Server;
let connections: Socket[];
/** Types of the requests that reached the agent. */
let seen: number[];
let peer: SessionPeer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "bktui-ssh-"));
  connections = [];
  seen = [];
  // Answers each request with its own type plus one, in two pieces.
  agent = createServer((socket) => {
    connections.push(socket);
    socket.on("data", (data) => {
      const type = data[4] ?? 0;
      seen.push(type);
      socket.write(Uint8Array.of(0, 0));
      setImmediate(() => socket.write(Uint8Array.of(0, 2, type + 1, 0)));
    });
  });
  await new Promise<void>((resolve) => agent.listen(join(directory, "agent"), resolve));
  peer = new SessionPeer(
    await openSshService([
      { id: "default", paths: [join(directory, "agent")] },
      { id: "dead", paths: [join(directory, "nobody")] },
    ]),
  );
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  for (const connection of connections) connection.destroy();
  await new Promise((resolve) => agent.close(resolve));
  rmSync(directory, { recursive: true });
});

function forward(id?: string): PeerCall {
  return peer.call("/moby.sshforward.v1.SSH/ForwardAgent", id === undefined ? {} : { "buildkit.ssh.id": id });
}

function send(call: PeerCall, ...bytes: readonly number[]): void {
  call.send(BytesMessage.encode({ data: Uint8Array.from(bytes) }).finish());
}

async function replies(call: PeerCall): Promise<number[]> {
  call.end();
  expect((await call.status).code).toBe(0);
  return call.messages.flatMap((message) => [...(BytesMessage.decode(message).data ?? [])]);
}

it("lets listing keys and signing through and answers everything else with failure, in order", async () => {
  const call = forward();
  const [remove, list, add, sign, lock, extension] = [19, 11, 17, 13, 22, 27];
  for (const type of [remove, list, add, sign, lock, extension]) send(call, 0, 0, 0, 2, type ?? 0, 7);
  expect(await replies(call)).toEqual([
    ...failure,
    ...[0, 0, 0, 2, 12, 0],
    ...failure,
    ...[0, 0, 0, 2, 14, 0],
    ...failure,
    ...failure,
  ]);
  expect(seen).toEqual([11, 13]);
});

it("does not mistake the pieces of a request for requests", async () => {
  const call = forward("default");
  send(call, 0, 0, 0);
  send(call, 3, 17, 11);
  send(call, 13, 0, 0, 0, 1, 11, 0, 0, 0, 1);
  send(call, 18);
  expect(await replies(call)).toEqual([...failure, 0, 0, 0, 2, 12, 0, ...failure]);
  expect(seen).toEqual([11]);
});

it("ends a call that announces a request over OpenSSH's limit", async () => {
  const call = forward();
  send(call, 0, 5, 0, 0);
  expect(await call.status).toMatchObject({ code: 2, message: expect.stringContaining("limit") });
});

it("knows only the agents that were offered", async () => {
  const check = async (id: string): Promise<number> => {
    const request = CheckAgentRequest.encode({ ID: id }).finish();
    return (await peer.unary("/moby.sshforward.v1.SSH/CheckAgent", request)).code;
  };
  expect(await check("")).toBe(0);
  expect(await check("default")).toBe(0);
  expect(await check(join(directory, "agent"))).toBe(2);
  expect(await forward("other").status).toMatchObject({ code: 2, message: "unset ssh forward key other" });
});

it("says that an agent is not there", async () => {
  expect(await forward("dead").status).toMatchObject({ code: 2, message: expect.stringContaining("nobody") });
});

it("closes the agent's connection when the build goes away", async () => {
  const call = forward();
  const answered = new Promise<void>((resolve) => {
    call.onMessage = () => resolve();
  });
  send(call, 0, 0, 0, 1, 11);
  await answered;
  const [connection] = connections;
  const closed = new Promise((resolve) => connection?.once("close", resolve));
  call.stream.close(8);
  await closed;
  expect(connection?.destroyed).toBe(true);
});
