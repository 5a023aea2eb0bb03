/** A real dockerd that lets in over mutual TLS only, in a network of its own: who wants to reach it joins that. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { findPackageSource } from "../../src/engine/private/packages/packages.ts";
import { fetchEngine, fetchTools } from "../../src/engine/private/packages/programs.ts";
import { packageCacheDirectory } from "../../src/engine/private/system/cache-directories.ts";
import { childrenOf } from "../../src/engine/private/system/processes.ts";
import { type CertificateFiles, Certificates } from "./certificates.ts";

const START_TIMEOUT_MS = 30_000;

export interface TlsDockerd extends AsyncDisposable {
  /** Its address in there. */
  readonly address: string;
  readonly certificates: Certificates;
  /** What a client needs who is let in. */
  readonly client: CertificateFiles;
  /** Runs a program in the network of the daemon: what stands before its command line. */
  readonly wrapper: readonly string[];
}

/** Its certificate is for "engine.test" and 127.0.0.1. */
export async function startTlsDockerd(): Promise<TlsDockerd> {
  const certificates = await Certificates.make();
  const directory = await mkdtemp(join(tmpdir(), "bktui-tlsd-"));
  const server = await certificates.issue("server", { names: "DNS:engine.test,IP:127.0.0.1" });
  const client = await certificates.issue("client");
  const source = await findPackageSource();
  const fetching = {
    cache: packageCacheDirectory(),
    onProgress: () => undefined,
    signal: AbortSignal.timeout(120_000),
  };
  const engine = await fetchEngine(source, suite(), fetching);
  // BuildKit in it insists on a runc.
  const tools = await fetchTools(source, fetching);
  const configuration = join(directory, "daemon.json");
  await writeFile(configuration, "{}");
  const daemon = [
    join(engine.binDir, "dockerd"),
    ...["--config-file", configuration, "--data-root", join(directory, "data")],
    ...[
      "--exec-root",
      "/run/bktui-exec",
      "--pidfile",
      join(directory, "pid"),
      "--host",
      "tcp://127.0.0.1:2376",
    ],
    ...[
      "--tlsverify",
      "--tlscacert",
      certificates.authority.cert,
      "--tlscert",
      server.cert,
      "--tlskey",
      server.key,
    ],
    ...["--iptables=false", "--ip6tables=false", "--bridge=none"],
  ];
  const script = `${PRIVATE}\n${LOOPBACK}\nexec "$@"`;
  const namespaces = ["--mount", "--pid", "--net", "--fork", "--mount-proc", "--kill-child=KILL"];
  const child = spawn("unshare", [...namespaces, "sh", "-c", script, "tls-dockerd", ...daemon], {
    env: {
      PATH: [engine.binDir, process.env["PATH"] ?? "", tools.binDir].join(":"),
      LD_LIBRARY_PATH: [...engine.libraryDirs, ...tools.libraryDirs].join(":"),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await rm(directory, { recursive: true, force: true });
    await certificates[Symbol.asyncDispose]();
  };
  try {
    await listening(child.stderr, ended);
    const [inner] = await childrenOf(child.pid ?? 0);
    return {
      address: "tcp://127.0.0.1:2376",
      certificates,
      client,
      wrapper: ["nsenter", "--net", "--target", String(inner)],
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function listening(stderr: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`dockerd does not listen: ${said.slice(-500)}`)),
      START_TIMEOUT_MS,
    );
    stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (!said.includes("API listen on")) return;
      clearTimeout(timer);
      resolve();
    });
    void ended.then(() => reject(new Error(`dockerd ended: ${said.slice(-500)}`)));
  });
}

function suite(): string {
  const newest = inject("privateSuite");
  if (newest === undefined) throw new Error("these engines were given from outside");
  return newest;
}

/** Its own /run; what it makes in /etc and /opt goes into memory. */
const PRIVATE = `set -e
mount -t tmpfs none /run
for directory in /etc /opt; do
  mkdir -p /run/layer$directory/up /run/layer$directory/work
  mount -t overlay -o "lowerdir=$directory,upperdir=/run/layer$directory/up,workdir=/run/layer$directory/work" none $directory
done`;
/** `ip link set lo up` with what every Debian has. */
const LOOPBACK =
  'perl -e "\\$r = pack(q(a16sx22), q(lo), 73); socket(S, 2, 2, 0) && ioctl(S, 0x8914, \\$r) || die"';
