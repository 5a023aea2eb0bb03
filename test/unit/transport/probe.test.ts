import http2 from "node:http2";
import { describe, expect, test } from "vitest";
import { probeKind } from "../../../src/transport/probe.ts";
import { serveLocally } from "../../support/local-server.ts";

const { signal } = new AbortController();

async function probeHttp(headers: string) {
  await using server = await serveLocally((socket) => {
    socket.on("data", () => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\nOK`));
  });
  return await probeKind(server.address, { signal });
}

describe("probeKind", () => {
  test("knows dockerd by its API headers", async () => {
    expect(await probeHttp("Api-Version: 1.51\r\nServer: Docker/28.5.2 (linux)")).toBe("dockerd");
  });

  test("knows an HTTP/2 server as buildkitd", async () => {
    const grpc = http2.createServer();
    grpc.on("sessionError", () => undefined);
    await using server = await serveLocally((socket) => grpc.emit("connection", socket));
    expect(await probeKind(server.address, { signal })).toBe("buildkitd");
  });

  test("says that podman has no BuildKit, though it calls itself docker-compatible", async () => {
    await expect(probeHttp("Api-Version: 1.41\r\nLibpod-Api-Version: 5.4.2")).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("podman"),
    });
  });

  test("refuses other servers", async () => {
    await expect(probeHttp("Server: nginx")).rejects.toMatchObject({ code: "unsupported" });
    await using ssh = await serveLocally((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
    await expect(probeKind(ssh.address, { signal })).rejects.toMatchObject({ code: "unsupported" });
  });
});
