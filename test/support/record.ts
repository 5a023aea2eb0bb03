/**
 * Records what real engines make of the Dockerfiles under test/fixtures/builds: `npm run record -- NAME=ADDRESS ...`,
 * e.g. `dockerd-28.5=unix:///var/run/docker.sock`. Writes test/fixtures/definitions/<build>.<NAME>.pb, each an encoded
 * pb.Definition. Nothing is built: the frontend only answers. What an engine refuses is said and left out.
 */

import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pb } from "#proto";
import { BktuiError } from "../../src/base/errors.ts";
import { PLAIN_BUILD } from "../../src/cli/options/plain-build.ts";
import type { BuildRequest } from "../../src/engine/build-request.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { askFrontend, definitionOf } from "../../src/engine/buildkit/frontend.ts";
import { GatewayBuild } from "../../src/engine/buildkit/gateway-build.ts";
import { openRequestSession } from "../../src/engine/buildkit/request-session.ts";
import { SecretMask } from "../../src/session/secret-mask.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { Channel } from "../../src/transport/channel.ts";
import { probeKind } from "../../src/transport/probe.ts";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const { signal } = new AbortController();

async function record(name: string, addressText: string): Promise<void> {
  const kind = await probeKind(parseAddress(addressText).socket, { signal });
  await using channel = await Channel.open(parseAddress(addressText, kind), { signal });
  for (const build of await readdir(join(fixtures, "builds"))) {
    try {
      const definition = await definitionFor(channel, requestFor(join(fixtures, "builds", build)));
      await writeFile(join(fixtures, "definitions", `${build}.${name}.pb`), definition);
      process.stdout.write(`${build}.${name}.pb: ${definition.length} bytes\n`);
    } catch (error) {
      if (!(error instanceof BktuiError)) throw error;
      process.stdout.write(`${build} is refused by ${name}: ${error.message}\n`);
    }
  }
}

async function definitionFor(channel: Channel, request: BuildRequest): Promise<Uint8Array> {
  await using session = await openRequestSession(
    channel,
    request,
    {},
    { signal, onProgress: () => undefined, mask: new SecretMask() },
  );
  await using build = new GatewayBuild(channel, {
    session: session.session.id,
    entitlements: [],
    exporters: [],
    internal: true,
    onStatus: () => undefined,
  });
  await build.ping({ signal });
  return pb.Definition.encode(definitionOf(await askFrontend(build, request, { signal }))).finish();
}

function requestFor(directory: string): BuildRequest {
  return {
    source: fromDockerfile(directory, join(directory, "Dockerfile")),
    ...PLAIN_BUILD,
  };
}

const engines = process.argv.slice(2).map((argument) => /^([\w.-]+)=(.+)$/.exec(argument));
if (engines.length === 0 || engines.includes(null)) {
  process.stderr.write("usage: npm run record -- NAME=ADDRESS ...\n");
  process.exitCode = 125;
} else {
  for (const match of engines) await record(match?.[1] ?? "", match?.[2] ?? "");
}
