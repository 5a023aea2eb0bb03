import { describe, expect, test } from "vitest";
import { stickyPod } from "../../../../../../src/engine/locate/builders/drivers/kubernetes.ts";
import { reachBuilder } from "../../../../../../src/engine/locate/builders/reach.ts";
import type { Builder } from "../../../../../../src/engine/locate/builders/store.ts";
import type { Address } from "../../../../../../src/transport/address.ts";

function builder(driver: string, endpoint: string, options: Record<string, string> = {}): Builder {
  return { name: "dev", driver, nodes: [{ name: "dev0", endpoint, platforms: [], options }] };
}

async function reach(
  wanted: Builder,
  { platform, env = {} }: { readonly platform?: string; readonly env?: Record<string, string> } = {},
): Promise<Address> {
  const { signal } = new AbortController();
  const reaching = {
    env: { HOME: "/nonexistent", ...env },
    signal,
    mayStart: true,
    platform,
    contextPath: "/src",
  };
  return (await reachBuilder(wanted, { ...reaching, onProgress: () => undefined })).address;
}

describe("the driver remote", () => {
  test("takes its TLS from the options of the builder", async () => {
    const options = { cacert: "/c/ca.pem", cert: "/c/cert.pem", key: "/c/key.pem", servername: "bk.example" };
    expect(await reach(builder("remote", "tcp://10.0.0.7:1234", options))).toEqual({
      kind: "buildkitd",
      text: "tcp://10.0.0.7:1234",
      socket: {
        kind: "tcp",
        host: "10.0.0.7",
        port: 1234,
        tls: { ca: "/c/ca.pem", cert: "/c/cert.pem", key: "/c/key.pem", serverName: "bk.example" },
      },
    });
  });

  test("understands ssh:// as BuildKit does, and containers by docker", async () => {
    expect((await reach(builder("remote", "ssh://me@far"))).socket).toMatchObject({
      program: "ssh",
      args: expect.arrayContaining(["buildctl dial-stdio"]),
    });
    expect((await reach(builder("remote", "docker-container://buildkit-dev"))).socket).toMatchObject({
      program: "docker",
      args: ["exec", "-i", "buildkit-dev", "buildctl", "dial-stdio"],
    });
  });

  test.each([
    [{ cacrt: "/c" }, /the driver remote has no option cacrt; did you mean cacert\?/],
    [{ cacert: "ca.pem" }, /its option cacert=ca.pem is no absolute path/],
    [{ cert: "/c/cert.pem" }, /TLS is on, but its options lack cacert, key/],
    [{ servername: "x" }, /TLS is on, but its options lack cacert$/],
  ])("refuses the options %j where buildx does", async (options, message) => {
    await expect(reach(builder("remote", "tcp://h:1", options))).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
  });

  test("names node, driver and endpoint with an address that is none", async () => {
    await expect(reach(builder("remote", "gopher://x"))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/^node dev0 \(remote, gopher:\/\/x\): .*gopher/),
    });
  });
});

test("a driver that is not known needs a buildx, and says how to get one", async () => {
  await expect(
    reach(builder("cloud", "cloud://acme/default"), { env: { PATH: "/nonexistent" } }),
  ).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/its driver is "cloud".*there is no buildx on PATH/),
    hint: expect.stringContaining("docker-buildx"),
  });
});

test("a driver that needs docker says that docker is not installed", async () => {
  await expect(
    reach(builder("docker-container", "unix:///nonexistent.sock"), { env: { PATH: "/nonexistent" } }),
  ).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("docker is not installed"),
  });
});

test("several nodes: the one that promises the platform; without one the first", async () => {
  const far: Builder = {
    name: "far",
    driver: "remote",
    nodes: [
      { name: "far0", endpoint: "tcp://a:1", platforms: ["linux/arm64"], options: {} },
      { name: "far1", endpoint: "tcp://b:1", platforms: ["linux/amd64"], options: {} },
    ],
  };
  expect((await reach(far, { platform: "linux/amd64" })).text).toBe("tcp://b:1");
  expect((await reach(far)).text).toBe("tcp://a:1");
});

describe("the pod that a context sticks to", () => {
  const pods = ["dev-a", "dev-b", "dev-c"].map((name) => ({ name }));

  test("is the same in whatever order they come, and another one takes over only its own contexts", () => {
    const contexts = Array.from({ length: 60 }, (_, index) => `/src/${index}`);
    const chosen = contexts.map((path) => stickyPod(pods, path)?.name);
    expect(contexts.map((path) => stickyPod(pods.toReversed(), path)?.name)).toEqual(chosen);
    expect(new Set(chosen)).toEqual(new Set(["dev-a", "dev-b", "dev-c"]));
    const left = pods.slice(0, 2);
    for (const [index, path] of contexts.entries())
      if (chosen[index] !== "dev-c") expect(stickyPod(left, path)?.name).toBe(chosen[index]);
  });

  test("is none where there are none", () => {
    expect(stickyPod([], "/src")).toBeUndefined();
  });
});
