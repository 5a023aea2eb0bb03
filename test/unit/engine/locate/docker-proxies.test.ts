import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dockerProxies } from "../../../../src/engine/locate/docker-proxies.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bktui-proxies-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const PROXIES = {
  proxies: {
    default: {
      httpProxy: "http://me:hunter2@p:1",
      noProxy: "localhost,.lan",
      allProxy: "socks5://p:2",
      httpsProxy: "",
    },
    "tcp://there:2375": { ftpProxy: "http://other:3" },
  },
};

function read(env: Readonly<Record<string, string>>, addr?: string) {
  return dockerProxies({ addr, env: { DOCKER_CONFIG: directory, HOME: directory, ...env } });
}

test("without a configuration there are none", async () => {
  expect(await read({})).toEqual({ args: {}, taken: [] });
});

test("the default ones count unless the docker that is talked to has its own", async () => {
  const path = join(directory, "config.json");
  writeFileSync(path, JSON.stringify(PROXIES));
  const fallback = { HTTP_PROXY: "http://me:hunter2@p:1", NO_PROXY: "localhost,.lan" };
  expect((await read({ DOCKER_HOST: "unix:///elsewhere" })).args).toEqual(fallback);
  // A BuildKit is not the docker that the client talks to.
  expect((await read({ BUILDKIT_HOST: "tcp://there:2375" })).args).toEqual(fallback);
  expect(await read({ DOCKER_HOST: "tcp://there:2375" })).toEqual({
    args: { FTP_PROXY: "http://other:3" },
    taken: [
      { name: "build-arg FTP_PROXY", value: "http://other:3", from: `${path}, proxies of tcp://there:2375` },
    ],
  });
  expect((await read({}, "tcp://there:2375")).args).toEqual({ FTP_PROXY: "http://other:3" });
});

test("passwords are not shown", async () => {
  writeFileSync(join(directory, "config.json"), JSON.stringify(PROXIES));
  const { taken } = await read({ DOCKER_HOST: "unix:///elsewhere" });
  expect(taken.map(({ value }) => value)).toEqual(["http://***@p:1", "localhost,.lan"]);
});
