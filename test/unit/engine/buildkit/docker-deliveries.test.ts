import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LoadSink, pushedDigest, pushWithDocker } from "../../../../src/engine/buildkit/docker-deliveries.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { type Address, parseAddress } from "../../../../src/transport/address.ts";
import { hasContainerdStore } from "../../../../src/transport/docker-api.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
let directory = "";
let server: Server;
let docker: Address;
let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
let asked: string[];
let auth: unknown;
let progress: Progress[];

/** Speaks docker's HTTP, to see what is asked of it: a real one shows only the outcome (test/engine/cli/outputs.test.ts). */
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-docker-"));
  [asked, auth, progress] = [[], undefined, []];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const header = request.headers["x-registry-auth"];
    if (typeof header === "string") auth = JSON.parse(Buffer.from(header, "base64url").toString());
    void answer(request, response);
  });
  const path = join(directory, "s");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  docker = parseAddress(`unix://${path}`, "dockerd");
  const key = Buffer.from("me:pass word").toString("base64");
  const auths = { "a.test:5000": { auth: key }, "b.test": { identitytoken: "tok" } };
  await writeFile(join(directory, "config.json"), JSON.stringify({ auths }));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

function around() {
  const { signal } = new AbortController();
  return {
    env: { DOCKER_CONFIG: directory },
    signal,
    onProgress: (each: Progress) => void progress.push(each),
  };
}

/** JSON objects, cut where no line ends. */
function says(...news: readonly unknown[]): typeof answer {
  return async (request, response) => {
    await text(request);
    const all = news.map((each) => `${JSON.stringify(each)}\r\n`).join("");
    for (const part of all.match(/.{1,7}/gs) ?? []) response.write(part);
    response.end();
  };
}

describe("a push by docker", () => {
  it.each([
    ["a.test:5000/x/y", "/images/a.test:5000/x/y/push?tag=latest", { username: "me", password: "pass word" }],
    ["b.test/x:v1", "/images/b.test/x/push?tag=v1", { identitytoken: "tok" }],
    ["x:1", "/images/x/push?tag=1", {}],
    ["c.test/x", "/images/c.test/x/push?tag=latest", {}],
  ])("of %s gives docker the credentials of that registry alone", async (name, path, credentials) => {
    answer = says({ status: "The push refers to repository" }, { id: "abc", status: "Pushed" });
    await pushWithDocker(docker, name, around());
    expect(asked.map((line) => decodeURIComponent(line))).toEqual([`POST ${path}`]);
    expect(auth).toMatchObject(credentials);
    expect(
      Object.keys(auth as object)
        .filter((key) => key !== "serveraddress")
        .sort(),
    ).toEqual(Object.keys(credentials).sort());
    expect(JSON.stringify(progress)).not.toMatch(/pass word|tok"/);
  });

  it("tells of its layers, and ends with docker's words when it fails", async () => {
    answer = says(
      { id: "abc", status: "Pushing", progressDetail: { current: 5, total: 10 } },
      { errorDetail: { message: "no" }, error: "unauthorized: \u001b[31mno" },
    );
    await expect(pushWithDocker(docker, "c.test/x", around())).rejects.toMatchObject({
      code: "engine",
      message: expect.stringMatching(/^unauthorized: .*no$/),
    });
    expect(progress.filter(({ kind }) => kind === "status")).toMatchObject([
      { id: "pushing layer abc", current: 5, total: 10, completed: false },
    ]);
    expect(progress.at(-1)).toMatchObject({
      kind: "vertex",
      error: expect.stringMatching(/^unauthorized: .*no$/),
    });
    expect(JSON.stringify(progress)).not.toContain("u001b");
  });

  it("asks for the digest that the registry has", async () => {
    answer = says({ Descriptor: { mediaType: "m", digest: DIGEST, size: 1 }, Platforms: [] });
    expect(await pushedDigest(docker, "b.test/x:v1", around())).toBe(DIGEST);
    expect(asked).toEqual(["GET /distribution/b.test/x:v1/json"]);
  });
});

describe("a load by docker", () => {
  it("gets the bytes, and is over when docker says so", async () => {
    let body: string | undefined;
    answer = async (request, response) => {
      body = await text(request);
      response.end(JSON.stringify({ stream: "Loaded image: x" }));
    };
    await using sink = new LoadSink(docker, around());
    for (const piece of ["one", "two"]) await sink.write(Buffer.from(piece));
    await sink.end();
    expect([body, sink.bytes]).toEqual(["onetwo", 6]);
    expect(asked).toEqual(["POST /images/load?quiet=1"]);
    expect(progress.map((each) => (each.kind === "vertex" ? each.completedMs !== undefined : each))).toEqual([
      false,
      true,
    ]);
  });

  it("that docker refuses in the middle ends the writing with its words", async () => {
    answer = (_, response) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ message: "disk is full" }));
    };
    await using sink = new LoadSink(docker, around());
    const writing = async () => {
      for (;;) await sink.write(Buffer.alloc(300_000));
    };
    await expect(writing()).rejects.toThrow(/disk is full|does not answer/);
  });

  it("that is given up is broken off", async () => {
    const broken = new Promise<void>((resolve) => {
      answer = (request) => {
        request.resume().once("close", () => resolve());
      };
    });
    const sink = new LoadSink(docker, around());
    await sink.write(Buffer.from("half"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await sink[Symbol.asyncDispose]();
    await broken;
  });
});

it("a docker with containerd's store is told by its driver", async () => {
  answer = says({ Driver: "overlayfs", DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] });
  expect(await hasContainerdStore(docker, around())).toBe(true);
  answer = says({ Driver: "overlay2", DriverStatus: [["Backing Filesystem", "extfs"]] });
  expect(await hasContainerdStore(docker, around())).toBe(false);
  answer = says();
  await expect(
    hasContainerdStore(parseAddress(`unix://${directory}/none`, "dockerd"), around()),
  ).rejects.toMatchObject({ code: "engine" });
});
