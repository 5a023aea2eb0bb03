/**
 * Engines behind mutual TLS, from the command line: a dockerd's own (--tlsverify), and either engine's BuildKit and dockerd
 * behind a relay that insists on a client certificate.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Scope } from "../../src/base/scope.ts";
import { Certificates } from "../support/certificates.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../support/engines.ts";
import { type Ended, type RunOptions, runBktui } from "../support/program.ts";
import { relayToBuildkit } from "../support/relay.ts";
import { startTlsDockerd, type TlsDockerd } from "../support/tls-dockerd.ts";
import { dockerCertificates, type TlsRelay, tlsRelayTo } from "../support/tls-relay.ts";

const STEP = 'RUN ["/bin/busybox", "echo", "it ran"]\n';
const COPY = "FROM scratch\nCOPY busybox /bin/busybox\n";

async function build(
  args: readonly string[],
  options: Parameters<typeof runBktui>[1] & RunOptions = {},
  step = STEP,
): Promise<Ended> {
  await using context: TestContext = await busyboxContext({
    files: { Dockerfile: COPY + step },
    unique: true,
  });
  return await runBktui(["--run", ...args, context.path], options);
}

interface Client {
  readonly certificates: Certificates;
  readonly client: { readonly cert: string; readonly key: string };
}

function files({ certificates, client }: Client): readonly string[] {
  return ["--tlscacert", certificates.authority.cert, "--tlscert", client.cert, "--tlskey", client.key];
}

/** With docker's names for the files. */
async function directoryOf(tls: Client): Promise<string> {
  return await dockerCertificates(join(tls.certificates.directory, "docker"), tls);
}

forEachEngine((engine) => {
  async function behindTls(kind: "dockerd" | "buildkitd"): Promise<TlsRelay & AsyncDisposable> {
    if (kind === engine.kind) return await tlsRelayTo(engine.dockerHost);
    const relay = await relayToBuildkit(engine);
    const secure = await tlsRelayTo(relay.address.text);
    return {
      ...secure,
      [Symbol.asyncDispose]: async () => {
        await secure[Symbol.asyncDispose]();
        await relay[Symbol.asyncDispose]();
      },
    };
  }

  test.each(["dockerd", "buildkitd"] as const)("a %s is built on over mutual TLS", async (kind) => {
    await using secure = await behindTls(kind);
    const ended = await build(["--addr", secure.address, ...files(secure)]);
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stderr).toContain("it ran");
    const directory = await directoryOf(secure);
    const env: Record<string, string> =
      kind === "dockerd"
        ? { DOCKER_HOST: secure.address, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: directory }
        : { BUILDKIT_HOST: secure.address };
    const named = kind === "dockerd" ? [] : ["--tlsdir", "docker", "--tlsservername", "engine.test"];
    const again = await build(named, { env, cwd: secure.certificates.directory });
    expect(again.exitCode, again.stderr).toBe(0);
  });
});

describe.runIf(inject("privateSuite") !== undefined)("a dockerd's own TLS", () => {
  const scope = new Scope();
  let daemon: TlsDockerd;
  let strangers: Certificates;
  beforeAll(async () => {
    daemon = scope.own(await startTlsDockerd());
    strangers = scope.own(await Certificates.make());
  });
  afterAll(() => scope[Symbol.asyncDispose]());

  /** Nothing is run on it: it has no cgroups of its own. */
  async function buildThere(args: readonly string[]): Promise<Ended> {
    return await build(["--addr", daemon.address, ...args], { wrapper: daemon.wrapper }, "");
  }

  test("lets in who has a certificate of its authority", async () => {
    const ended = await buildThere(files(daemon));
    expect(ended.exitCode, ended.stderr).toBe(0);
    const named = await buildThere([...files(daemon), "--tlsservername", "engine.test"]);
    expect(named.exitCode, named.stderr).toBe(0);
  });

  test("refuses everybody else, and bktui says why and what to do", async () => {
    const stranger = await strangers.issue("stranger");
    const expired = await daemon.certificates.issue("late", { days: -1 });
    const ca = ["--tlscacert", daemon.certificates.authority.cert];
    const with_ = ({ cert, key }: typeof stranger): readonly string[] => ["--tlscert", cert, "--tlskey", key];
    const cases: [readonly string[], RegExp][] = [
      [[], /the engine at 127\.0\.0\.1:2376 wants TLS\n.*--tlsdir/s],
      [ca, /it asks for a client certificate, and there is none\n.*--tlscert/s],
      [[...ca, ...with_(stranger)], /it does not accept the client certificate\n.*--tlscert/s],
      [
        [...ca, ...with_(expired)],
        /(it says that the client certificate has expired|it does not accept the client certificate)\n/,
      ],
      [
        ["--tlscacert", strangers.authority.cert, ...with_(daemon.client)],
        /signed by an authority that is not trusted\n.*--tlscacert/s,
      ],
      [
        [...files(daemon), "--tlsservername", "other.test"],
        /is for engine\.test, 127\.0\.0\.1, not for other\.test\n.*--tlsservername engine\.test/s,
      ],
      [
        [...ca, "--tlscert", daemon.client.cert, "--tlskey", "/nowhere"],
        /cannot read the client key \/nowhere: there is no such file/,
      ],
      [[...ca, "--tlscert", daemon.client.cert], /a client certificate without its key/],
      [["--tlsdir", "/nowhere"], /--tlsdir \/nowhere has neither ca\.pem nor ca\.crt/],
      [["--tlsdir", "/nowhere", ...ca], /say the same twice/],
    ];
    for (const [args, words] of cases) {
      const { exitCode, stderr } = await buildThere(args);
      expect(stderr).toMatch(words);
      expect([1, 125]).toContain(exitCode);
    }
  });
});

test("TLS without an engine that it is for is a wrong command line", async () => {
  const { exitCode, stderr } = await build(["--tlsservername", "x"]);
  expect(exitCode).toBe(125);
  expect(stderr).toContain("--addr tcp://HOST:PORT");
});
