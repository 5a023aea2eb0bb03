import { once } from "node:events";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { connectSocket } from "../../../src/transport/connect.ts";
import { upgrade } from "../../../src/transport/upgrade.ts";
import { serveLocally } from "../../support/local-server.ts";

const switching = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

/** Upgrades against a server that answers with these pieces, each after the one before was flushed. */
async function upgradeAgainst(pieces: readonly string[], end: "keep" | "hang up" = "keep") {
  let request = "";
  await using server = await serveLocally((socket) => {
    socket.once("data", (data) => {
      request += data;
      void answer(socket, pieces, end);
    });
  });
  const socket = await connectSocket(server.address);
  await upgrade(socket, "/session", [
    ["X-Name", "1"],
    ["X-Name", "2"],
  ]);
  const received = await collect(socket, end);
  socket.destroy();
  return { request, received };
}

async function answer(socket: Socket, pieces: readonly string[], end: "keep" | "hang up"): Promise<void> {
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
  if (end === "hang up") socket.end();
}

async function collect(socket: Duplex, end: "keep" | "hang up"): Promise<string> {
  let text = "";
  if (end === "keep") return text;
  socket.on("data", (data) => {
    text += data;
  });
  await once(socket, "end");
  return text;
}

describe("the upgrade", () => {
  test("asks with repeated headers kept apart", async () => {
    const { request } = await upgradeAgainst([switching]);
    expect(request).toBe(
      "POST /session HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Name: 1\r\nX-Name: 2\r\n\r\n",
    );
  });

  test("keeps the bytes that came right behind the answer", async () => {
    const { received } = await upgradeAgainst([`${switching}first`, "second"], "hang up");
    expect(received).toBe("firstsecond");
  });

  test("reads an answer that comes in pieces", async () => {
    const { received } = await upgradeAgainst([switching.slice(0, 20), switching.slice(20), "x"], "hang up");
    expect(received).toBe("x");
  });

  test("gives the daemon's own words when it refuses", async () => {
    const body = JSON.stringify({ message: "session abc already exists" });
    const head = `HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\n\r\n`;
    await expect(upgradeAgainst([head + body.slice(0, 9), body.slice(9)])).rejects.toMatchObject({
      code: "engine",
      message: "the engine refused POST /session: session abc already exists",
    });
  });

  test("gives the status line when the refusal says nothing", async () => {
    await expect(upgradeAgainst(["HTTP/1.1 404 Not Found\r\n\r\n"])).rejects.toMatchObject({
      message: "the engine refused POST /session: HTTP/1.1 404 Not Found",
    });
  });

  test("reports a daemon that hangs up", async () => {
    await expect(upgradeAgainst([], "hang up")).rejects.toMatchObject({ code: "engine-unreachable" });
  });

  test("can be cancelled while the daemon is silent", async () => {
    await using server = await serveLocally(() => undefined);
    const cancel = new AbortController();
    const socket = await connectSocket(server.address);
    const upgraded = upgrade(socket, "/grpc", [], { signal: cancel.signal });
    cancel.abort();
    await expect(upgraded).rejects.toMatchObject({ code: "cancelled" });
    expect(socket.destroyed).toBe(true);
  });

  test("never lets a value write a header of its own", async () => {
    await using server = await serveLocally(() => undefined);
    const socket = await connectSocket(server.address);
    await expect(upgrade(socket, "/session", [["X-Name", "a\r\nX-Evil: b"]])).rejects.toMatchObject({
      code: "internal",
    });
  });
});
