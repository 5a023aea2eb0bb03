/** Looks at the files a build needs before anything runs, so that a mistake is named at once and exactly. */
import { constants, open, stat } from "node:fs/promises";
import { BktuiError } from "../base/errors.ts";
import { quote } from "../base/quote.ts";
import { usageError } from "../console/bad-values.ts";
import { isOverSsh } from "../console/build-contexts.ts";
import { parseSshs, type Surroundings } from "../console/build-options.ts";
import type { BuildRequest, SshSource } from "../engine/build-request.ts";
import {
  type BuildSource,
  fromDockerfile,
  type NamedContext,
  ownDockerfile,
} from "../engine/build-sources.ts";
import { syntaxImage } from "../graph/dockerfile-text.ts";
import type { DebugOptions } from "./debug-options.ts";
import { findPlace } from "./find-place.ts";
import { checkAgent, checkSecret } from "./given-files.ts";
import { checkLinks } from "./linked-dockerfile.ts";
import { otherBuildFile } from "./other-build-files.ts";
import { failure, look, mustBeReadable } from "./paths.ts";
import { policyNotes } from "./policy-notes.ts";
import type { ReceivedInput } from "./received.ts";

/** Enough to tell text from binary. */
const SAMPLE_BYTES = 64 * 1024;

const OTHER_HINT =
  "with docker buildx installed it can be given as the path, to choose from what it builds; or name one of the Dockerfiles in it";

export interface Inputs {
  readonly request: BuildRequest;
  /** Things to say before the build, one line each. */
  readonly notes: readonly string[];
}

/** The one input that is no text. */
export const WANTED_DEFINITION = "the definition";

/** What standard input is wanted for; undefined = it stays what keys or commands come from. */
export function wantsInput({ path, file, frontend, llb }: DebugOptions): string | undefined {
  if (llb !== undefined) return llb.text === "-" ? WANTED_DEFINITION : undefined;
  // A frontend that is named reads directories.
  if (frontend !== undefined) return undefined;
  if (path.text === "-" && file?.text === "-")
    throw usageError(
      "standard input cannot be both the context and the Dockerfile",
      "leave -f - out, or give a directory",
    );
  if (path.text === "-") return "the Dockerfile or the context";
  return file?.text === "-" ? "the Dockerfile" : undefined;
}

/**
 * Finds context and Dockerfile and checks everything that the options name.
 * @param input what came on standard input, when `wantsInput`
 * @throws {BktuiError} "usage", "not-found", "io" or "bad-request"; the message names the path.
 */
export async function checkInputs(
  options: DebugOptions,
  surroundings: Surroundings,
  input?: ReceivedInput | undefined,
): Promise<Inputs> {
  const place = (await otherPlace(options, input)) ?? (await dockerfilePlace(options, input));
  const { source } = place;
  const notes = [...options.notes, ...(place.notes ?? []), ...(await notesOf(source, options, surroundings))];
  for (const secret of options.build.secrets) notes.push(...(await checkSecret(secret, surroundings)));
  const ssh = agentsFor(options.build.ssh, source, surroundings);
  for (const agent of ssh) await checkAgent(agent);
  const contexts = [...(place.contexts ?? []), ...options.build.contexts];
  for (const named of contexts) await checkNamed(named);
  const extra = source.kind === "dockerfile" ? extraOptions(options) : {};
  const own = source.kind === "definition" ? { platform: undefined } : extra;
  return { request: { ...options.build, ...own, contexts, ssh, source }, notes };
}

/** What a build is made from, and what belongs to it. */
interface Found {
  readonly source: BuildSource;
  readonly contexts?: readonly NamedContext[];
  readonly notes?: readonly string[];
}

/** Undefined for a build of a path. Its words are read late: most builds have none of them. */
async function otherPlace(
  options: DebugOptions,
  input: ReceivedInput | undefined,
): Promise<Found | undefined> {
  const { frontend, frontendOptions, locals, layouts, shown, llb, imageConfig } = options;
  if (llb !== undefined) {
    const { definitionPlace } = await import("./definition-source.ts");
    return await definitionPlace({ ...options, llb }, input);
  }
  if (imageConfig !== undefined)
    throw usageError("--image-config is for a definition, and none is given", "give it with --llb FILE");
  if ([frontend, frontendOptions, locals, layouts, shown].every((each) => each === undefined))
    return undefined;
  const { frontendPlace } = await import("./frontend-source.ts");
  return await frontendPlace(options);
}

async function dockerfilePlace(options: DebugOptions, input: ReceivedInput | undefined): Promise<Found> {
  const { context, dockerfile, notes } = await findPlace(options, input);
  return { source: fromDockerfile(context, dockerfile), notes };
}

/** Of a Dockerfile, which is looked at; what another frontend reads is its own matter. */
async function notesOf(
  source: BuildSource,
  { policies }: DebugOptions,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const file = ownDockerfile({ source });
  if (file !== undefined) await checkDockerfile(file);
  return await policyNotes(file, policies, surroundings);
}

/** Named for a frontend that nobody named. */
function extraOptions({ frontend, frontendOptions }: DebugOptions): Pick<BuildRequest, "frontendOptions"> {
  return frontend === undefined && frontendOptions !== undefined ? { frontendOptions } : {};
}

function agentsFor(
  given: readonly SshSource[],
  source: BuildSource,
  surroundings: Surroundings,
): readonly SshSource[] {
  const context = source.kind === "dockerfile" ? source.context : "";
  const needsAgent = typeof context !== "string" && context.kind === "url" && isOverSsh(context.url);
  return given.length === 0 && needsAgent ? parseSshs(["default"], surroundings) : given;
}

/** Beside which a project's own settings lie; undefined when there is no such file on this machine. */
export async function projectDockerfile(options: DebugOptions): Promise<string | undefined> {
  if (wantsInput(options) !== undefined) return undefined;
  const { source } = (await otherPlace(options, undefined)) ?? (await dockerfilePlace(options, undefined));
  return ownDockerfile({ source });
}

async function checkNamed({ name, from }: NamedContext): Promise<void> {
  if (from.kind === "reference") return;
  const facts = await look(from.path, `build context "${name}"`);
  if (!facts.isDirectory())
    throw new BktuiError("bad-request", `build context "${name}": ${from.path} is not a directory`, {
      hint: `name a directory: --build-context ${name}=DIRECTORY`,
    });
  await mustBeReadable(from.path, constants.R_OK | constants.X_OK, `build context "${name}"`);
}

async function checkDockerfile(path: string): Promise<void> {
  await checkLinks(path);
  const facts = await look(path, "Dockerfile");
  if (facts.isDirectory())
    throw new BktuiError("bad-request", `the Dockerfile ${path} is a directory`, {
      hint: "name the file in it with -f FILE",
    });
  if (!facts.isFile())
    throw new BktuiError("bad-request", `the Dockerfile ${path} is not a regular file`, {
      hint: "save it to a file; it is read again at each rerun",
    });
  await mustBeReadable(path, constants.R_OK, "Dockerfile");
  const start = await readStart(path);
  refuseOtherBuildFile(path, start.toString("utf8"));
  if (isBinary(start)) throw new BktuiError("bad-request", binaryMessage(path, start), binaryHint(start));
  if (
    facts.size <= SAMPLE_BYTES &&
    start
      .toString("utf8")
      .replace(/^\ufeff/, "")
      .trim() === ""
  )
    throw new BktuiError("bad-request", `the Dockerfile ${path} is empty`, {
      hint: "its first instruction names the base image, for example FROM busybox",
    });
}

/** Whether a path names a Bake or Compose file; undefined for anything else, and for what cannot be read. */
export async function otherBuildFileAt(path: string): Promise<{ readonly isCompose: boolean } | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) return undefined;
  const start = await readStart(path).catch(() => undefined);
  const other = start === undefined ? undefined : otherBuildFile(path, start.toString("utf8"));
  return other === undefined ? undefined : { isCompose: other.isCompose };
}

/** @throws {BktuiError} "bad-request" with what to type instead. */
function refuseOtherBuildFile(path: string, text: string): void {
  const other = otherBuildFile(path, text);
  if (other === undefined) return;
  throw new BktuiError("bad-request", `${path} is ${other.what}, not a Dockerfile`, {
    hint:
      other.commands.length === 0
        ? `${OTHER_HINT}: bktui -f FILE --target STAGE CONTEXT`
        : `${OTHER_HINT}:\n  ${other.commands.join("\n  ")}`,
  });
}

/** A NUL alone does not make it binary: engines build files that have one in a comment or a label. */
function isBinary(start: Buffer): boolean {
  if (!start.includes(0)) return false;
  const text = start.toString("latin1");
  if (syntaxImage(text) !== undefined) return false;
  const first = /^[^\S\n]*([^#\s]\S*)/m.exec(text.replace(/^\u00ef\u00bb\u00bf/, ""));
  return first !== null && !/^(?:from|arg)$/i.test(first[1] ?? "");
}

function isUtf16(start: Buffer): boolean {
  const mark = start.subarray(0, 2).toString("hex");
  return mark === "fffe" || mark === "feff";
}

function binaryMessage(path: string, start: Buffer): string {
  if (isUtf16(start)) return `the Dockerfile ${path} is UTF-16, not UTF-8`;
  return `the Dockerfile ${path} is binary: it has a NUL byte at offset ${start.indexOf(0)}`;
}

function binaryHint(start: Buffer): { readonly hint: string } {
  return {
    hint: isUtf16(start) ? "save it as UTF-8 in your editor" : "check that the path names the Dockerfile",
  };
}

async function readStart(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw failure("io", `cannot read the Dockerfile ${path}`, error, `look at it with: ls -l ${quote(path)}`);
  }
}
