import { describe, expect, test } from "vitest";
import { pb } from "#proto";
import {
  type ContainerRequest,
  execProcess,
  newContainer,
  returnBuild,
} from "../../../src/protocol/containers.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { startGrpcPeer } from "../transport/grpc-peer.ts";

const { signal } = new AbortController();
const metadata = [["buildkit-controlapi-buildid", "x"]] as const;

/** What the types forbid may still come through a cast or from JavaScript. */
function untyped<T>(json: string): T {
  return JSON.parse(json);
}

/** The peer knows none of the methods: whatever is sent fails with gRPC code 12. */
async function attempt(send: (channel: Channel) => unknown): Promise<unknown> {
  await using peer = await startGrpcPeer();
  await using channel = await Channel.open(peer.address, { signal });
  try {
    await send(channel);
  } catch (error) {
    return error;
  }
  return undefined;
}

const root = { dest: "/", mountType: pb.MountType.BIND };
const refused = { code: "bad-request" };
const sent = { code: "engine", grpcCode: 12 };

describe("requests that would take the daemon down are not sent", () => {
  test.each<[string, ContainerRequest]>([
    ["no mounts at all", { ContainerID: "c" }],
    ["no mount at /", { ContainerID: "c", Mounts: [{ dest: "/work" }] }],
    ["a root that BuildKit does not take for one", { ContainerID: "c", Mounts: [{ dest: "//" }] }],
    [
      "a root that is no bind mount",
      { ContainerID: "c", Mounts: [{ dest: "/", mountType: pb.MountType.TMPFS }] },
    ],
    [
      "an ssh mount without options",
      { ContainerID: "c", Mounts: [root, { dest: "/s", mountType: pb.MountType.SSH, SSHOpt: null }] },
    ],
  ])("a container with %s", async (_what, request) => {
    expect(await attempt((channel) => newContainer(channel, request, { metadata }))).toMatchObject(refused);
  });

  test.each(["{}", '{"Meta":null}'])("a process with Init %s", async (json) => {
    const start = { processId: "p", init: untyped<{ Meta: object }>(json) };
    expect(await attempt((channel) => execProcess(channel, start, { metadata }))).toMatchObject(refused);
  });

  test("a second Init on the stream of a process", async () => {
    const start = { processId: "p", init: { ContainerID: "c", Meta: { args: ["true"] } } };
    const error = await attempt((channel) => {
      const call = execProcess(channel, start, { metadata });
      // The stream itself is refused by the peer; here it is about the write.
      call.ended.catch(() => undefined);
      call.write({ ProcessID: "q", Init: { ContainerID: "c" } });
    });
    expect(error).toMatchObject(refused);
  });

  test.each(['{"kind":"result"}', '{"kind":"error","code":0,"message":""}'])(
    "an end of the build that is %s",
    async (json) => {
      const end = untyped<{ kind: "error"; code: number; message: string }>(json);
      expect(await attempt((channel) => returnBuild(channel, end, { metadata }))).toMatchObject(refused);
    },
  );
});

describe("proper requests are sent", () => {
  test("a container with a root, an end with an empty result, an end with an error", async () => {
    const ssh = { dest: "/s", mountType: pb.MountType.SSH, SSHOpt: { ID: "default" } };
    const attempts = [
      attempt((channel) => newContainer(channel, { ContainerID: "c", Mounts: [root, ssh] }, { metadata })),
      attempt((channel) => returnBuild(channel, { kind: "result", result: {} }, { metadata })),
      attempt((channel) => returnBuild(channel, { kind: "error", code: 1, message: "m" }, { metadata })),
    ];
    for (const error of await Promise.all(attempts)) expect(error).toMatchObject(sent);
  });
});
