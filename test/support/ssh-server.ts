/** A real sshd on loopback that belongs to one test: the distribution's package, unpacked and installed nowhere. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findPackageSource, unpackPackages } from "../../src/engine/private/packages/packages.ts";
import { findProgram, searchPath } from "../../src/engine/private/packages/programs.ts";
import { packageCacheDirectory } from "../../src/engine/private/system/cache-directories.ts";

const run = promisify(execFile);
const START_TIMEOUT_MS = 20_000;

/** What this machine lacks for it; undefined = nothing. */
export async function whyNoSshServer(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "an sshd of one's own needs root";
  if ((await findProgram("ssh", searchPath(process.env))) === undefined) return "there is no ssh client";
  return await findPackageSource().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

interface ServerOptions {
  /** Directories of the programs that can be run over there. */
  readonly path: readonly string[];
  /** `password`: the key is worth nothing. */
  readonly login?: "key" | "password";
}

/** Listens until it is disposed; only the key in its directory opens it, for root. */
export class SshServer implements AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  /** Arguments by which ssh knows the server and its key, and nothing of the user who runs the tests. */
  readonly clientOptions: readonly string[];
  readonly #end: () => Promise<void>;

  private constructor(directory: string, port: number, end: () => Promise<void>) {
    this.directory = directory;
    this.port = port;
    this.clientOptions = ["-F", join(directory, "client_config")];
    this.#end = end;
  }

  static async start({ path, login = "key" }: ServerOptions): Promise<SshServer> {
    const packages = await fetchSshd();
    const directory = await mkdtemp(join(tmpdir(), "bktui-ssh-"));
    const port = await freePort();
    await writeKeys(directory, port);
    await writeFile(
      join(directory, "sshd_config"),
      serverConfig({ directory, port, path, login, ...packages }),
    );
    const end = await startDaemon(directory, packages);
    return new SshServer(directory, port, end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await rm(this.directory, { recursive: true });
  }
}

interface Sshd {
  readonly sshd: string;
  readonly libraries: readonly string[];
  readonly root: string;
}

async function fetchSshd(): Promise<Sshd> {
  const source = await findPackageSource();
  const suite = source.os.codename === "" ? "sid" : source.os.codename;
  const unpacked = await unpackPackages(
    source,
    {
      name: `sshd-${suite}`,
      suite,
      wanted: [["openssh-server"], ["libwrap0"]],
      required: ["openssh-server"],
    },
    {
      cache: packageCacheDirectory(),
      signal: AbortSignal.timeout(120_000),
      onProgress: (line) => void process.stderr.write(`sshd: ${line}\n`),
    },
  );
  const sshd = join(unpacked.binDir, "sshd");
  return { sshd, libraries: unpacked.libraryDirs, root: join(dirname(unpacked.binDir), "root") };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof place !== "object" || place === null) throw new Error("no port is free");
  return place.port;
}

async function writeKeys(directory: string, port: number): Promise<void> {
  for (const name of ["host_key", "user_key"])
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)]);
  const hostKey = await readFile(join(directory, "host_key.pub"), "utf8");
  await writeFile(join(directory, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  await writeFile(
    join(directory, "client_config"),
    [
      `IdentityFile ${directory}/user_key`,
      "IdentitiesOnly yes",
      `UserKnownHostsFile ${directory}/known_hosts`,
      "GlobalKnownHostsFile /dev/null",
      "",
    ].join("\n"),
  );
  await chmod(join(directory, "client_config"), 0o600);
}

function serverConfig(
  about: ServerOptions & Sshd & { readonly directory: string; readonly port: number },
): string {
  const { directory, port, path, login, root } = about;
  // Since OpenSSH 9.8 and 10.0 it is several programs.
  const parts = [
    ["SshdSessionPath", "sshd-session"],
    ["SshdAuthPath", "sshd-auth"],
  ].map(([option, name]) => [option, `${root}/usr/lib/openssh/${name}`] as const);
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${directory}/host_key`,
    `AuthorizedKeysFile ${directory}/user_key.pub`,
    `PubkeyAuthentication ${login === "key" ? "yes" : "no"}`,
    `PasswordAuthentication ${login === "password" ? "yes" : "no"}`,
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    `SetEnv PATH=${path.join(":")}`,
    ...parts.filter(([, program]) => existsSync(program)).map((words) => words.join(" ")),
    "",
  ].join("\n");
}

/**
 * In namespaces of its own, so that it ends with all its sessions: its directory below /run and its user are seen by
 * nobody else.
 */
async function startDaemon(directory: string, { sshd, libraries }: Sshd): Promise<() => Promise<void>> {
  const users = await readFile("/etc/passwd", "utf8");
  await writeFile(join(directory, "passwd"), `${users}${/^sshd:/m.test(users) ? "" : SSHD_USER}`);
  const script = [
    "set -e",
    "[ -d /run/sshd ] || { mount -t tmpfs none /run; mkdir -m 755 /run/sshd; }",
    `mount --bind ${directory}/passwd /etc/passwd`,
    `exec ${sshd} -D -e -f ${directory}/sshd_config`,
  ].join("\n");
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child=KILL"];
  const child = spawn("unshare", [...namespaces, "sh", "-c", script], {
    env: { PATH: process.env["PATH"] ?? "", LD_LIBRARY_PATH: libraries.join(":") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const ended = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`sshd does not listen: ${said}`)), START_TIMEOUT_MS);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (!said.includes("Server listening on")) return;
      clearTimeout(timer);
      resolve();
    });
    void ended.then(() => reject(new Error(`sshd ended: ${said}`)));
  });
  return async () => {
    child.kill("SIGKILL");
    await ended;
  };
}

const SSHD_USER = "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n";
