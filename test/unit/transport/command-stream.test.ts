import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { Address, EngineKind } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { startCommand } from "../../../src/transport/dial/command-stream.ts";
import type { CommandAddress } from "../../../src/transport/dial/dial-command.ts";
import { openSessionStream } from "../../../src/transport/session-stream.ts";
import { serveLocally } from "../../support/local-server.ts";
import { running } from "../../support/processes.ts";
import { StandIns } from "../../support/stand-ins.ts";
import { rawMethod, startGrpcPeer } from "./grpc-peer.ts";

const { signal } = new AbortController();

function command(
  program: string,
  args: readonly string[] = [],
  speaks: EngineKind = "buildkitd",
): CommandAddress {
  return { kind: "command", speaks, program, args, env: {}, text: "docker-container://box" };
}

const shell = (script: string): CommandAddress => command("sh", ["-c", script]);

function addressOf(socket: CommandAddress): Address {
  return { kind: socket.speaks, socket, text: socket.text };
}

/** A number that no other process sleeps for. */
const SECONDS = 100_000 + process.pid;

describe("a command as a stream", () => {
  test("carries bytes both ways, also many", async () => {
    const stream = await startCommand(command("cat"));
    const sent = Buffer.alloc(3_000_000, "x").fill(0, 0, 1);
    const received: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => received.push(chunk));
    stream.end(sent);
    await once(stream, "close");
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test("is given its variables, and no terminal to ask on", async () => {
    const stream = await startCommand({
      ...shell('printf "\\0%s " "$GIVEN"; (: </dev/tty) 2>&1; cut -d" " -f 7 /proc/self/stat'),
      env: { GIVEN: "given" },
    });
    let said = "";
    stream.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    await once(stream, "close");
    expect(said).toMatch(/^\0given .*\/dev\/tty.*\n0\n$/s);
  });

  test("fails with the words and the code of the command, made harmless and bounded", async () => {
    const noise = 'i=0; while [ $i -lt 3000 ]; do echo "line $i of noise" >&2; i=$((i+1)); done';
    const stream = await startCommand(shell(`${noise}; printf 'the \\033[2Jreason\\n' >&2; exit 7`));
    const [error] = await once(stream, "error");
    expect(error).toMatchObject({
      code: "engine-unreachable",
      message: expect.stringMatching(/^sh ended with exit code 7: line .*of noise the \^\[\[2Jreason$/),
      hint: expect.stringMatching(/Try it by hand: sh -c '.*' <\/dev\/null$/s),
    });
    expect(error.message.length).toBeLessThan(1200);
  });

  test.each([
    ["dies with it", 'echo "no buildctl here"; exit 127', "sh ended with exit code 127: no buildctl here"],
    ["goes on", 'echo "Welcome!"; exec cat', "what sh gives is no engine's answer: Welcome!"],
  ])("takes text on its standard output for words of its own: one that %s", async (_what, script, why) => {
    const stream = await startCommand(shell(script));
    stream.on("data", () => expect.unreachable("that is no engine"));
    const [error] = await once(stream, "error");
    expect(error).toMatchObject({ code: "engine-unreachable", message: why });
  });

  test("gives up a program that never connects, with what it has said", async () => {
    const hanging = shell(`echo "waiting for the host" >&2; sleep ${SECONDS + 3}`);
    const stream = await startCommand(hanging, { patienceMs: 300 });
    const [error] = await once(stream, "error");
    expect(error).toMatchObject({
      code: "engine-unreachable",
      message: "sh has not connected within 0.3 s, but said: waiting for the host",
    });
    await vi.waitFor(() => expect(running(`sleep ${SECONDS + 3}`)).toBe(0), 5000);
  });

  test("shows what kubectl says at the end, not its log", async () => {
    const log = 'E1129 18:49:23.926184 20867 memcache.go:265] "Unhandled Error"';
    const stream = await startCommand(
      shell(`printf '%s\\n' '${log}' '${log}' "The connection was refused" >&2; exit 1`),
    );
    const [error] = await once(stream, "error");
    expect(error.message).toBe("sh ended with exit code 1: The connection was refused");
  });

  test("says so when there is no such program", async () => {
    await expect(startCommand(command("bktui-no-such-program"))).rejects.toMatchObject({
      code: "engine-unreachable",
      message: "there is no program bktui-no-such-program on the PATH",
      hint: expect.stringContaining("Install"),
    });
  });

  test("ends with all its children when it is destroyed, those that will not included", async () => {
    const stubborn = `trap "" TERM; sleep ${SECONDS} & printf "\\0"; while :; do wait; done`;
    const stream = await startCommand(shell(stubborn));
    await once(stream, "data");
    await vi.waitFor(() => expect(running(`sleep ${SECONDS}`)).toBe(1), 5000);
    stream.destroy();
    await vi.waitFor(() => expect(running(`sleep ${SECONDS}`)).toBe(0), 5000);
    await vi.waitFor(() => expect(running(`sh -c ${stubborn}`)).toBe(0), 5000);
  });

  test("leaves no child behind when the command itself has died", async () => {
    const stream = await startCommand(shell(`sleep ${SECONDS + 1} & echo "I am dying" >&2; exit 1`));
    const [error] = await once(stream, "error");
    expect(error.message).toBe("sh ended with exit code 1: I am dying");
    await vi.waitFor(() => expect(running(`sleep ${SECONDS + 1}`)).toBe(0), 5000);
  });

  test("carries gRPC, and is run once for a build and its session, also for a dockerd", async () => {
    await using peer = await startGrpcPeer({
      "/moby.buildkit.v1.Control/Session": (call: { on(...args: unknown[]): unknown }) =>
        call.on("data", () => 0),
    });
    if (peer.address.socket.kind !== "unix") throw new Error("the peer listens on a unix socket");
    await using programs = await StandIns.make();
    await programs.joining("dial", peer.address.socket.path);
    const dial = command(join(programs.directory, "dial"), ["to", "it"]);
    await using channel = await Channel.open(addressOf(dial), { signal });
    expect((await channel.unary(rawMethod("Echo"), Buffer.from("hello"))).toString()).toBe("hello");
    const session = await openSessionStream(channel, [], { signal });
    session.destroy();
    expect(programs.runs("dial")).toEqual([["to", "it"]]);
  });

  test("tells the words of a command that dies under a build", async () => {
    await using peer = await startGrpcPeer();
    if (peer.address.socket.kind !== "unix") throw new Error("the peer listens on a unix socket");
    await using programs = await StandIns.make();
    await programs.joining("dial", peer.address.socket.path);
    const inner = `${programs.directory}/dial <&3 & pid=$!; echo $pid >${programs.directory}/pid; wait $pid`;
    const dial = shell(`exec 3<&0; ${inner}; echo "closed by the host" >&2; exit 255`);
    await using channel = await Channel.open(addressOf(dial), { signal });
    process.kill(Number(readFileSync(join(programs.directory, "pid"), "utf8")));
    await expect(channel.unary(rawMethod("Hang"), Buffer.of())).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining("was lost: sh ended with exit code 255: "),
    });
    expect(String(channel.lost.reason)).toContain("closed by the host");
  });

  test.each<[EngineKind, string]>([
    ["buildkitd", "echo 'no such thing' >&2; exit 1"],
    ["dockerd", "echo 'no such thing' >&2; exit 1"],
    ["dockerd", "sleep 0.2; echo 'no such thing' >&2; exit 1"],
  ])("a %s that is not reached is told of with the words of the command", async (kind, script) => {
    await expect(
      Channel.open(addressOf(command("sh", ["-c", script], kind)), { signal }),
    ).rejects.toMatchObject({
      code: "engine-unreachable",
      message: "cannot reach an engine at docker-container://box: sh ended with exit code 1: no such thing",
      hint: expect.stringContaining("Try it by hand"),
    });
  });

  test("a dockerd is asked who it is on the connection that is upgraded", async () => {
    let heard = "";
    await using server = await serveLocally((socket) => {
      socket.on("data", (chunk) => {
        heard += chunk;
        if (chunk.includes("HEAD /_ping")) {
          socket.write(
            "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: libpod/5.4\r\nLibpod-Api-Version: 5.4\r\n\r\n",
          );
        }
      });
    });
    await using programs = await StandIns.make();
    await programs.joining("dial", server.address.path);
    const dial = command(join(programs.directory, "dial"), [], "dockerd");
    await expect(Channel.open(addressOf(dial), { signal })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("podman"),
      hint: expect.stringContaining("podman-container://buildkitd"),
    });
    expect(heard).not.toContain("POST");
    expect(programs.runs("dial")).toHaveLength(1);
  });

  test("can be given up while it connects, and nothing of it stays", async () => {
    const cancel = new AbortController();
    const opening = Channel.open(addressOf(shell(`sleep ${SECONDS + 2}`)), { signal: cancel.signal });
    await vi.waitFor(() => expect(running(`sleep ${SECONDS + 2}`)).toBe(1), 5000);
    cancel.abort();
    await expect(opening).rejects.toMatchObject({ code: "cancelled" });
    await vi.waitFor(() => expect(running(`sleep ${SECONDS + 2}`)).toBe(0), 5000);
  });
});
