/** Runs docker's credential helpers. */
import { spawn } from "node:child_process";
import { BktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import { type Credentials, isRecord } from "./docker-config.ts";

const HELPER_LIMIT_MS = 10_000;
/** What helpers answer instead of a user name when the secret is an identity token. */
const TOKEN_USER = "<token>";

/**
 * Asks `docker-credential-<name> get`. Resolves with undefined when the helper has nothing for this registry.
 * @param key the registry as docker's configuration names it.
 * @throws {BktuiError} "io" when the helper is missing, fails or takes too long; never with its output.
 */
export async function askCredentialHelper(
  name: string,
  key: string,
  { limitMs = HELPER_LIMIT_MS }: { readonly limitMs?: number } = {},
): Promise<Credentials | undefined> {
  // The name comes from a file; a slash in it would start any program.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new BktuiError(
      "io",
      `docker's configuration names an invalid credential helper ${JSON.stringify(name)}`,
    );
  }
  const program = `docker-credential-${name}`;
  const output = await run(program, key, limitMs);
  return output === undefined ? undefined : parseAnswer(program, output);
}

/** Ends with everything that it has started: a helper that is a script leaves its programs behind otherwise. */
function run(program: string, input: string, limitMs: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let why: string | undefined;
    const giveUp = (reason: string): void => {
      why ??= reason;
      killGroup(child.pid);
      child.stdout.destroy();
    };
    const timer = setTimeout(() => giveUp(`did not answer within ${limitMs / 1000} s`), limitMs);
    child.stdout.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > limits.credentialHelperBytes) giveUp("gave too long an answer");
      else pieces.push(piece);
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(
        failed(
          program,
          "code" in error && error.code === "ENOENT" ? "is not installed" : "cannot be started",
        ),
      );
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      const text = Buffer.concat(pieces).toString("utf8");
      if (why !== undefined) reject(failed(program, why));
      else if (code === 0) resolve(text);
      else if (/credentials not found/i.test(text)) resolve(undefined);
      else reject(failed(program, code === null ? "failed" : `failed with exit status ${code}`));
    });
    // A helper may end without reading; its exit status tells the story.
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${input}\n`);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function parseAnswer(program: string, output: string): Credentials {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    // Reported below; the parser's message would quote the secret.
    answer = undefined;
  }
  if (!isRecord(answer)) throw failed(program, "gave an answer that is no JSON");
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== "string" || typeof secret !== "string")
    throw failed(program, "gave no user name and secret");
  return { username: username === TOKEN_USER ? "" : username, secret };
}

/** The child's error is not kept as the cause: it carries the output. */
function failed(program: string, what: string): BktuiError {
  return new BktuiError("io", `the credential helper ${program} ${what}`, {
    hint: "Correct credsStore or credHelpers in docker's config.json, or sign in with docker login again.",
  });
}
