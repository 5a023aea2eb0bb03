/** A command that failed or could not be started, in words. */

import { unreachable } from "../../base/errors.ts";
import { nearest } from "../../base/near.ts";
import { byteSize } from "../../base/words.ts";
import { architectureOf, installCommands } from "../../graph/emulation.ts";
import type { Reason } from "../failures/reasons.ts";
import { CARRIAGE_RETURN, withoutCarriageReturn } from "../progress/carriage-return.ts";
import type { Question } from "../questions/questions.ts";
import type { NextStep, ReasonWords } from "./explanation.ts";
import type { StepFacts } from "./facts.ts";
import { CRLF_WORDS } from "./line-end-words.ts";

type RunReason = Extract<
  Reason,
  {
    kind:
      | "exit"
      | "program-missing"
      | "library-missing"
      | "not-executable"
      | "wrong-format"
      | "signal"
      | "user-missing";
  }
>;

/** As runc and docker set it when the image has none. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** 128 and SIGKILL. */
const KILLED = 137;

const SHELL: NextStep = { kind: "command", command: "shell", label: "shell" };

export function runQuestion(reason: Reason, facts: StepFacts): Question | undefined {
  if (reason.kind === "signal" && reason.code === KILLED && facts.hasBase) {
    return { kind: "memory", vertex: facts.failure.vertex ?? facts.step.vertex };
  }
  const edge = facts.step.base;
  if (edge === undefined || (reason.kind !== "program-missing" && reason.kind !== "not-executable")) {
    return undefined;
  }
  const { program } = reason;
  if (program?.includes("/")) return { kind: "file", edge, path: program };
  if (reason.kind === "not-executable") return undefined;
  return { kind: "programs", edge, directories: pathOf(facts) };
}

/** @param took e.g. " after 14.9s" */
export function runWords(reason: RunReason, facts: StepFacts, took: string): ReasonWords {
  switch (reason.kind) {
    case "exit":
      return { what: `exit code ${reason.code}${took}`, why: spaceWords(facts), next: [SHELL], began: true };
    case "program-missing":
      return missingWords(reason, facts);
    case "library-missing":
      return libraryWords(reason);
    case "not-executable":
      return deniedWords(reason, facts);
    case "wrong-format":
      return formatWords(reason.program, facts);
    case "signal":
      return signalWords(reason, facts, took);
    case "user-missing":
      return userWords(reason.user, facts);
    default:
      return unreachable(reason);
  }
}

function missingWords(
  { program, code, byRuntime }: Extract<RunReason, { kind: "program-missing" }>,
  facts: StepFacts,
): ReasonWords {
  const { answer } = facts;
  const frame = { next: [SHELL], began: true } as const;
  if (program === undefined) {
    const why = [`A program was not found. PATH of the step: ${pathOf(facts).join(":")}`];
    return { ...frame, what: `exit code ${code}: command not found`, why };
  }
  const notStarted = notStartedWords(code, NOT_FOUND);
  if (!program.includes("/")) {
    const names = answer?.kind === "programs" ? answer.names : [];
    const near = nearest(withoutCarriageReturn(program), names);
    const why = [`PATH of the step: ${pathOf(facts).join(":")}`];
    if (near.length > 0) why.unshift(`Names in it that look like it: ${near.join(", ")}.`);
    else if (answer?.kind === "programs" && names.length === 0) why.unshift(NO_PROGRAMS);
    return {
      ...frame,
      what: `exit code ${code}: "${program}" not found in PATH`,
      why: [...why, ...notStarted],
    };
  }
  const start = answer?.kind === "file" ? answer.start : undefined;
  const interpreter = start === undefined ? undefined : /^#!\s*(\S+\r?)/.exec(start)?.[1];
  if (start !== undefined) {
    const why =
      interpreter === undefined
        ? ["The file is there; a library or loader that it needs is not."]
        : [
            `The file is there; its first line asks for ${interpreter.replace("\r", CARRIAGE_RETURN)}, which is not.`,
            ...scriptWords(start),
          ];
    return { ...frame, what: `exit code ${code}: "${program}" cannot start`, why: [...why, ...notStarted] };
  }
  const isNoShell = program === "/bin/sh" && byRuntime === true;
  return {
    ...frame,
    what: `exit code ${code}: "${program}" does not exist`,
    why: [...(isNoShell ? [noShellWords(facts)] : []), ...notStarted],
  };
}

function libraryWords({ library, code }: Extract<RunReason, { kind: "library-missing" }>): ReasonWords {
  return {
    what: `exit code ${code}: the library ${library} is missing`,
    why: [
      "A program that needs it could not start: install the package that has it, or put it where the loader looks (LD_LIBRARY_PATH, ldconfig).",
    ],
    next: [SHELL],
    began: true,
  };
}

/** What shells end with when they find no such program, and when they may not run it. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** The code on show is the engine's: that of the container runtime, which could start nothing. */
function notStartedWords(code: number, shell: number): readonly string[] {
  return code === shell
    ? []
    : [`It could not be started; the code is the engine's own (a shell says ${shell}).`];
}

const NO_PROGRAMS = "There is no program in any of its directories.";
function noShellWords({ program }: StepFacts): string {
  const advice =
    program.form === "dockerfile"
      ? 'Write RUN ["program", "argument"], or run it in a stage that has one.'
      : "Run the program without a shell, or on a file system that has one.";
  return `The image has no shell (scratch or distroless). ${advice}`;
}

function scriptWords(start: string): readonly string[] {
  return start.endsWith("\r") ? [CRLF_WORDS] : [];
}

function deniedWords(
  { program, code }: Extract<RunReason, { kind: "not-executable" }>,
  { step }: StepFacts,
): ReasonWords {
  const name = program === undefined ? "the program was found, but is" : `"${program}" is`;
  return {
    what: `exit code ${code}: ${name} not executable`,
    why: [
      program === undefined
        ? "It lacks the permission to be run."
        : `Give it the permission (chmod +x ${program}, or COPY --chmod=755), or run it with its interpreter.`,
      ...notStartedWords(code, NOT_EXECUTABLE),
    ],
    next: [SHELL, { kind: "command", command: "edit", label: `edit line ${step.start}` }],
    began: true,
  };
}

function formatWords(
  program: string,
  { step, program: { graph }, failure, request }: StepFacts,
): ReasonWords {
  const vertex = graph.vertices.get(failure.vertex ?? step.vertex);
  const platform = vertex?.platform || (request?.platform ?? "");
  // Of a platform that nobody asked for the machine needs no emulation: the program is of another one.
  const architecture = request?.platform === undefined ? undefined : architectureOf(platform);
  return {
    what: `"${program}" is not made for this machine (exec format error)`,
    why: [
      platform === ""
        ? "It is a program for another processor, or a script without a first line like #!/bin/sh."
        : `The step is built for ${platform}. It is a program for another processor, or a script without a first line like #!/bin/sh.`,
      architecture === undefined
        ? "Programs of other processors run on an engine with emulation (QEMU through binfmt_misc)."
        : `On a machine with another processor emulation is missing for ${architecture} (QEMU through binfmt_misc).`,
    ],
    next: [SHELL, ...emulationSteps(architecture ?? "all").slice(0, architecture === undefined ? 1 : 2)],
    began: true,
  };
}

/** What installs emulation. */
export function emulationSteps(architecture: string): readonly NextStep[] {
  const { docker, debian } = installCommands(architecture);
  return [
    { kind: "program", text: docker, label: "installs emulation on the engine's machine" },
    { kind: "program", text: debian, label: "the same from the packages of Debian and Ubuntu" },
  ];
}

function signalWords(
  { code, name }: Extract<RunReason, { kind: "signal" }>,
  { answer }: StepFacts,
  took: string,
): ReasonWords {
  const often = code === KILLED ? ", often out of memory" : "";
  return {
    what: `exit code ${code}: killed by ${name}${took}${often}`,
    why: code === KILLED ? memoryWords(answer) : [],
    next: [SHELL, { kind: "command", command: "rerun", label: "rerun from here" }],
    began: true,
  };
}

function memoryWords(answer: StepFacts["answer"]): readonly string[] {
  const known = answer?.kind === "memory" ? answer : undefined;
  if (known?.limit !== undefined) {
    return [`The step may use ${byteSize(known.limit)} of memory; the kernel kills what uses more.`];
  }
  const machine = known?.machine === undefined ? "" : ` (${byteSize(known.machine)})`;
  return [
    `The kernel kills what uses more memory than the engine or its machine has${machine}; docker stats and dmesg tell.`,
  ];
}

function userWords(user: string | undefined, { step }: StepFacts): ReasonWords {
  const name = user === undefined ? "the user" : `user "${user}"`;
  return {
    what: `${name} does not exist in the image`,
    why: [
      "Names are looked up in /etc/passwd and /etc/group of the state; add the user there, or give numbers.",
    ],
    next: [SHELL, { kind: "command", command: "edit", label: `edit line ${step.start}` }],
    began: true,
  };
}

export function pathOf({ program, step, failure }: StepFacts): readonly string[] {
  const env = program.graph.vertices.get(failure.vertex ?? step.vertex)?.exec?.meta.env ?? [];
  const path = env.findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  return path.split(":").filter((directory) => directory.startsWith("/"));
}

function spaceWords({ lastLines }: StepFacts): readonly string[] {
  return lastLines.some((line) => line.includes("No space left on device"))
    ? ["By its output no space was left: docker system df tells what uses the engine's disk."]
    : [];
}
