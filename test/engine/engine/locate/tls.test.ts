import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { askAbilities } from "../../../../src/engine/buildkit/abilities.ts";
import { type Located, locateEngine } from "../../../../src/engine/locate/locate.ts";
import { type ClientHome, clientHome, whyNoBuildx } from "../../../support/client-home.ts";
import { forEachEngine } from "../../../support/engines.ts";
import { relayToBuildkit } from "../../../support/relay.ts";
import { dockerCertificates, type TlsRelay, tlsRelayTo } from "../../../support/tls-relay.ts";

const { signal } = new AbortController();

async function locate(env: Readonly<Record<string, string>>): Promise<Located> {
  return await locateEngine({ env, policy: "never", onProgress: () => undefined }, { signal });
}

async function speaks({ address }: Located): Promise<boolean> {
  return (await askAbilities(address, { signal })).some(({ can }) => can);
}

/** With docker's names for the files. */
async function certificatePath(home: ClientHome, tls: TlsRelay): Promise<string> {
  return await dockerCertificates(join(home.path, "certificates"), tls);
}

forEachEngine((engine) => {
  const isUnix = engine.kind === "dockerd" && engine.dockerHost.startsWith("unix://");
  const lacking = whyNoBuildx() ?? (isUnix ? undefined : "needs a dockerd on a unix socket");

  describe.skipIf(lacking !== undefined)(`mutual TLS${lacking === undefined ? "" : `: ${lacking}`}`, () => {
    test("to a docker context is made with the files that docker keeps for it", async () => {
      await using home = await clientHome(engine);
      await using relay = await tlsRelayTo(engine.dockerHost);
      const { certificates, client, address } = relay;
      const files = `ca=${certificates.authority.cert},cert=${client.cert},key=${client.key}`;
      await home.docker(["context", "create", "far", "--docker", `host=${address},${files}`]);
      const located = await locate(home.env({ DOCKER_CONTEXT: "far" }));
      expect(located).toMatchObject({
        address: { kind: "dockerd", text: address },
        docker: { text: address },
      });
      expect(await speaks(located)).toBe(true);
    });

    test("to a docker context is not checked where the context says so, and else refused", async () => {
      await using home = await clientHome(engine);
      await using relay = await tlsRelayTo(engine.dockerHost);
      await using stranger = await tlsRelayTo(engine.dockerHost);
      const { client, address } = relay;
      // Of another authority than the engine's.
      const files = `ca=${stranger.certificates.authority.cert},cert=${client.cert},key=${client.key}`;
      const create = async (name: string, more: string): Promise<string> =>
        await home.docker(["context", "create", name, "--docker", `host=${address},${files}${more}`]);
      await create("lax", ",skip-tls-verify=true");
      expect(await speaks(await locate(home.env({ DOCKER_CONTEXT: "lax" })))).toBe(true);
      await create("strict", "");
      await expect(locate(home.env({ DOCKER_CONTEXT: "strict" }))).rejects.toMatchObject({
        code: "engine-unreachable",
        message: expect.stringMatching(/^docker context strict \(DOCKER_CONTEXT\) names tcp:.*certificate/),
      });
    });

    test("to DOCKER_HOST is made as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say; what is missing is named", async () => {
      await using home = await clientHome(engine);
      await using relay = await tlsRelayTo(engine.dockerHost);
      const directory = await certificatePath(home, relay);
      const env = home.env({
        DOCKER_HOST: relay.address,
        DOCKER_TLS_VERIFY: "1",
        DOCKER_CERT_PATH: directory,
      });
      expect(await speaks(await locate(env))).toBe(true);
      await expect(locate({ ...env, DOCKER_CERT_PATH: home.path })).rejects.toMatchObject({
        code: "io",
        message: expect.stringMatching(new RegExp(`${home.path}/ca\\.pem`)),
      });
    });

    test("to a builder of the driver remote is made with its options", async () => {
      await using home = await clientHome(engine);
      await using buildkit = await relayToBuildkit(engine);
      await using relay = await tlsRelayTo(buildkit.address.text);
      const { certificates, client, address } = relay;
      const files = `cacert=${certificates.authority.cert},cert=${client.cert},key=${client.key}`;
      const create = async (name: string, servername: string): Promise<string> =>
        await home.docker([
          ...["buildx", "create", `--name=${name}`, "--driver=remote"],
          ...["--driver-opt", `${files},servername=${servername}`, address],
        ]);
      await create("far", "engine.test");
      expect(await speaks(await locate(home.env({ BUILDX_BUILDER: "far" })))).toBe(true);
      await create("wrong", "other.test");
      await expect(locate(home.env({ BUILDX_BUILDER: "wrong" }))).rejects.toMatchObject({
        message: expect.stringMatching(
          /^builder wrong, remote \(BUILDX_BUILDER\): node wrong0 \(remote, tcp:.*other\.test/,
        ),
      });
    });
  });
});
