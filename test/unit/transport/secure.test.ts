import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Address, EngineKind, TlsFiles } from "../../../src/transport/address.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { dockerVersion } from "../../../src/transport/docker-version.ts";
import { probeKind } from "../../../src/transport/probe.ts";
import { type CertificateFiles, Certificates } from "../../support/certificates.ts";
import { type GrpcPeer, rawMethod, startGrpcPeer } from "./grpc-peer.ts";

const { signal } = new AbortController();
let made: Certificates;
let strangers: Certificates;
let server: CertificateFiles;
let client: CertificateFiles;

beforeAll(async () => {
  [made, strangers] = await Promise.all([Certificates.make(), Certificates.make()]);
  server = await made.issue("server", { names: "DNS:engine.test,IP:127.0.0.1" });
  client = await made.issue("client");
});
afterAll(async () => {
  await Promise.all([made[Symbol.asyncDispose](), strangers[Symbol.asyncDispose]()]);
});

interface Served extends AsyncDisposable {
  address(files?: Partial<TlsFiles>, kind?: EngineKind): Address;
  /** What the client asked for: the server's name, the protocol that was chosen. */
  readonly greeted: { name: string | false; protocol: string | false }[];
}

const read = (path: string): Buffer => readFileSync(path);

/** A server that insists on a client certificate, as an engine does; what is said is up to `speak`. */
async function serve(
  speak: (socket: net.Socket) => void,
  { files = server, plain = false, protocols = ["h2"] } = {},
): Promise<Served> {
  const greeted: Served["greeted"] = [];
  const options = { cert: read(files.cert), key: read(files.key), ca: read(made.authority.cert) };
  const open = new Set<net.Socket>();
  const listening = plain
    ? net.createServer()
    : tls.createServer({ ...options, requestCert: true, ALPNProtocols: protocols }, (socket) => {
        greeted.push({ name: socket.servername ?? false, protocol: socket.alpnProtocol ?? false });
        speak(socket.on("error", () => undefined));
      });
  listening.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    if (plain) speak(socket);
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const place = listening.address();
  if (typeof place !== "object" || place === null) throw new Error("it listens nowhere");
  return {
    greeted,
    address: (more, kind = "buildkitd") => {
      const all = { ca: made.authority.cert, cert: client.cert, key: client.key, ...more };
      return parseAddress(`tcp://127.0.0.1:${place.port}`, kind, { tls: all });
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}

/** As a TLS relay before an engine. */
function joinTo(peer: GrpcPeer): (socket: net.Socket) => void {
  const { socket: place } = peer.address;
  if (place.kind !== "unix") throw new Error("the peer listens on a unix socket");
  return (socket) => {
    const engine = net.connect(place.path).on("error", () => undefined);
    socket.on("close", () => engine.destroy());
    engine.on("close", () => socket.destroy());
    socket.pipe(engine).pipe(socket);
  };
}

const docker = (socket: net.Socket): void => {
  const head = "HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nServer: Docker/28.5.2 (linux)";
  socket.on("data", () => socket.end(`${head}\r\nContent-Length: 2\r\n\r\nOK`));
};

describe("mutual TLS", () => {
  test("carries gRPC in one connection, to the address's host or the name that is given", async () => {
    await using peer = await startGrpcPeer();
    await using served = await serve(joinTo(peer));
    await using channel = await Channel.open(served.address(), { signal });
    expect((await channel.unary(rawMethod("Echo"), Buffer.from("hello"))).toString()).toBe("hello");
    await using other = await Channel.open(served.address({ serverName: "engine.test" }), { signal });
    expect((await other.unary(rawMethod("Echo"), Buffer.from("you"))).toString()).toBe("you");
    expect(served.greeted).toEqual([
      { name: false, protocol: "h2" },
      { name: "engine.test", protocol: "h2" },
    ]);
  });

  test("an engine of unknown kind is known by what it speaks", async () => {
    await using peer = await startGrpcPeer();
    await using buildkitd = await serve(joinTo(peer));
    expect(await probeKind(buildkitd.address().socket, { signal })).toBe("buildkitd");
    await using dockerd = await serve(docker, { protocols: [] });
    expect(await probeKind(dockerd.address().socket, { signal })).toBe("dockerd");
    expect(await dockerVersion(dockerd.address({}, "dockerd"), { signal })).toBe("28.5.2");
  });

  test.each<[string, () => Promise<Partial<TlsFiles>>, string, string]>([
    ["an unknown authority", async () => ({ ca: strangers.authority.cert }), "not trusted", "--tlscacert"],
    [
      "a name of another engine",
      async () => ({ serverName: "other.test" }),
      "is for engine.test, 127.0.0.1, not for other.test",
      "--tlsservername engine.test",
    ],
    [
      "no client certificate",
      async () => ({ cert: undefined, key: undefined }),
      "asks for a client certificate",
      "--tlscert",
    ],
  ])("refuses %s, and says what to do", async (_what, files, why, hint) => {
    await using peer = await startGrpcPeer();
    await using served = await serve(joinTo(peer));
    const address = served.address(await files());
    for (const attempt of [
      () => Channel.open(address, { signal }),
      () => probeKind(address.socket, { signal }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({
        code: "engine-unreachable",
        message: expect.stringContaining(why),
        hint: expect.stringContaining(hint),
      });
    }
  });

  test("says that the engine's certificate has expired, unless nothing is to be checked", async () => {
    await using peer = await startGrpcPeer();
    const expired = await made.issue("expired", { names: "IP:127.0.0.1", days: -1 });
    await using served = await serve(joinTo(peer), { files: expired });
    await expect(Channel.open(served.address(), { signal })).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining("its certificate has expired"),
      hint: expect.stringContaining("clock"),
    });
    await using channel = await Channel.open(served.address({ skipVerify: true }), { signal });
    expect((await channel.unary(rawMethod("Echo"), Buffer.from("x"))).toString()).toBe("x");
  });

  test("says when there is no TLS at all, and when it is missing", async () => {
    await using peer = await startGrpcPeer();
    await using plain = await serve(docker, { plain: true });
    await expect(probeKind(plain.address().socket, { signal })).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining("does not speak TLS"),
    });
    await using secure = await serve(joinTo(peer));
    const { text } = secure.address();
    await expect(probeKind(parseAddress(text).socket, { signal })).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringContaining("wants TLS"),
      hint: expect.stringContaining("DOCKER_CERT_PATH"),
    });
  });

  test("names the file that is missing or cannot be used", async () => {
    await using served = await serve(docker);
    const junk = join(made.directory, "junk.pem");
    await writeFile(junk, "nothing");
    const other = await made.issue("other");
    const cases: [Partial<TlsFiles>, string, string][] = [
      [{ key: "/nowhere/key.pem" }, "io", "the client key /nowhere/key.pem: there is no such file"],
      [{ ca: "/nowhere/ca.pem" }, "io", "the certificate authority /nowhere/ca.pem"],
      [{ key: undefined }, "usage", "a client certificate without its key"],
      [{ cert: undefined }, "usage", "a client key without its certificate"],
      [{ key: other.key }, "io", "does not belong to the certificate"],
      [{ key: await made.protect(client.key) }, "io", "protected by a passphrase"],
      [{ cert: junk }, "io", `there is no certificate in ${junk}`],
      [{ key: junk }, "io", `there is no key in ${junk}`],
      [{ ca: junk }, "io", `there is no certificate in ${junk}`],
    ];
    for (const [files, code, why] of cases) {
      await expect(Channel.open(served.address(files), { signal })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(why),
        hint: expect.any(String),
      });
    }
    expect(served.greeted).toEqual([]);
  });
});
