import { describe, expect, test } from "vitest";
import { parseAddress, socketText } from "../../../src/transport/address.ts";
import { failureOf } from "../../support/thrown.ts";

describe("parseAddress", () => {
  test.each([
    ["unix:///var/run/docker.sock", "dockerd", { kind: "unix", path: "/var/run/docker.sock" }],
    [
      "unix:///run/buildkit/buildkitd.sock",
      "buildkitd",
      { kind: "unix", path: "/run/buildkit/buildkitd.sock" },
    ],
    ["unix:///with a%20space", "dockerd", { kind: "unix", path: "/with a%20space" }],
    ["tcp://build.example:4000", "dockerd", { kind: "tcp", host: "build.example", port: 4000 }],
    ["tcp://build.example", "dockerd", { kind: "tcp", host: "build.example", port: 2375 }],
    ["tcp://127.0.0.1:80/", "dockerd", { kind: "tcp", host: "127.0.0.1", port: 80 }],
    ["tcp://[::1]:1234", "dockerd", { kind: "tcp", host: "::1", port: 1234 }],
  ])("reads %s", (text, kind, socket) => {
    expect(parseAddress(text)).toEqual({ kind, socket, text });
  });

  test("believes the caller about the kind, which decides the port", () => {
    expect(parseAddress("tcp://here", "buildkitd").socket).toEqual({ kind: "tcp", host: "here", port: 1234 });
  });

  test.each([
    ["npipe:////./pipe/docker_engine", "unsupported", "Windows only"],
    ["cloud://acme/default", "unsupported", "cloud://"],
    ["/var/run/docker.sock", "usage", "is not an engine address"],
    ["unix://relative.sock", "usage", "no absolute socket path"],
    ["tcp://", "usage", "is not an engine address"],
    ["tcp://host/path", "usage", "is not an engine address"],
    ["tcp://host:99999", "usage", "is not an engine address"],
  ])("refuses %s and names what works", (text, code, words) => {
    const error = failureOf(() => parseAddress(text, undefined, { platform: "linux" }));
    expect(error).toMatchObject({ code, hint: expect.stringContaining("unix:///") });
    expect(error.message).toContain(words);
  });

  test("takes TLS for tcp only, and then the port of TLS", () => {
    const tls = { ca: "/ca.pem" };
    const { socket } = parseAddress("tcp://here", "dockerd", { tls });
    expect(socket).toEqual({ kind: "tcp", host: "here", port: 2376, tls });
    expect(failureOf(() => parseAddress("unix:///s", "dockerd", { tls }))).toMatchObject({ code: "usage" });
  });

  test("writes a socket as a person would", () => {
    expect(socketText({ kind: "tcp", host: "::1", port: 5 })).toBe("[::1]:5");
    expect(socketText({ kind: "unix", path: "/a" })).toBe("/a");
  });
});
