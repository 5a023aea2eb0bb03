/** A program that is there and cannot start: made for another processor, or without its loader or interpreter. */
import { posix } from "node:path";
import { architectureOf } from "../../../graph/emulation.ts";
import { CARRIAGE_RETURN, withoutCarriageReturn } from "../../progress/carriage-return.ts";
import { entryAt, isMissing, type PathSeen, type Seen } from "../../questions/seen.ts";
import { emulationSteps, pathOf } from "../run-words.ts";
import type { Cause, CauseWords, FailedStep } from "./cause.ts";
import { execOf, ownPlace, placeWords, seenAt } from "./cause.ts";
import { type Elf, elfIn } from "./elf.ts";

const MOST_PROGRAMS = 3;
/** A shell takes what the kernel refuses for a script, and fails at its first line: `/bin/tool: line 1: …`, `/bin/tool: 1: …`. */
const FIRST_LINE = /^(\/[^\s:]+): (?:line )?1: /;
const STARTING = /^(?:exec |.*exec: "?)?(\/[^\s:"]+)"?: (?:cannot execute|.*exec format error|not found)/i;

export const program: Cause = {
  asks: (failed) => {
    const { facts } = failed;
    const candidates = candidatesOf(failed);
    if (!facts.hasBase || candidates.length === 0) return [];
    const place = ownPlace(facts);
    const seen = seenAt(facts, place);
    const interpreters = seen === undefined ? [] : wanted(candidates, seen);
    return [...candidates.flat(), ...interpreters].map((path) => ({ place, path }));
  },
  words: (failed) => {
    const seen = seenAt(failed.facts, ownPlace(failed.facts));
    if (seen === undefined) return undefined;
    for (const path of found(candidatesOf(failed), seen)) {
      const words = judged(path, { failed, seen });
      if (words !== undefined) return words;
    }
    return undefined;
  },
};

/** For each program that may be meant, where it would be found: the first that exists is the one. */
function candidatesOf({ facts, reason }: FailedStep): readonly (readonly string[])[] {
  const { cwd } = execOf(facts);
  const names: string[] = [];
  if (reason.kind === "program-missing" || reason.kind === "not-executable") names.push(reason.program ?? "");
  if (reason.kind === "wrong-format") names.push(reason.program);
  for (const line of facts.lastLines.toReversed()) {
    const named = FIRST_LINE.exec(line)?.[1] ?? STARTING.exec(line)?.[1];
    if (named !== undefined) names.push(named);
  }
  const plain = names.map(withoutCarriageReturn).filter((name) => /^[^\s\p{Cc}]+$/u.test(name));
  return [...new Set(plain)].slice(0, MOST_PROGRAMS).map((name) => {
    if (name.includes("/")) return [posix.resolve(cwd, name)];
    return pathOf(facts).map((directory) => posix.join(directory, name));
  });
}

function found(candidates: readonly (readonly string[])[], seen: Seen): readonly string[] {
  return candidates.flatMap((paths) => {
    const first = paths.find((path) => entryAt(seen, path)?.kind === "file");
    return first === undefined ? [] : [first];
  });
}

/** What these programs need to start. */
function wanted(candidates: readonly (readonly string[])[], seen: Seen): readonly string[] {
  return found(candidates, seen).flatMap((path) => {
    const start = startOf(seen.paths.get(path));
    return start?.interpreter === undefined ? [] : [posix.resolve("/", start.interpreter)];
  });
}

interface Start {
  readonly interpreter: string | undefined;
  readonly elf: Elf | undefined;
  /** The first line of a script ends with CR. */
  readonly hasReturn: boolean;
}

function startOf(looked: PathSeen | undefined): Start | undefined {
  const head = looked?.head;
  if (head === undefined) return undefined;
  const elf = elfIn(head);
  if (elf !== undefined) return { interpreter: elf.interpreter, elf, hasReturn: false };
  const line = /^#![ \t]*([^\n]*)/.exec(head)?.[1];
  if (line === undefined) return undefined;
  const interpreter = /^[^ \t\r]+/.exec(line)?.[0];
  return { interpreter, elf: undefined, hasReturn: line.endsWith("\r") };
}

function judged(
  path: string,
  { failed, seen }: { readonly failed: FailedStep; readonly seen: Seen },
): CauseWords | undefined {
  const start = startOf(seen.paths.get(path));
  if (start === undefined) return undefined;
  const { elf, interpreter, hasReturn } = start;
  const where = placeWords(ownPlace(failed.facts));
  const code = failed.facts.failure.exitCode;
  const what = code === undefined ? `"${path}" cannot start` : `exit code ${code}: "${path}" cannot start`;
  const exact = (why: readonly string[]): CauseWords => ({ what, why, isExact: true });
  const machine = elf?.machine;
  if (machine !== undefined && !runsOn(machine, seen.machine)) {
    const platform = platformOf(failed);
    if (architectureOf(platform) === machine) {
      const lacks = `the engine's machine (${seen.machine}) has no emulation for it`;
      return {
        ...exact([`${path} is a program for ${machine}, as ${platform} asks for; ${lacks}${where}.`]),
        next: emulationSteps(machine),
      };
    }
    const here = platform === "" ? `this is ${seen.machine}` : `the step is built for ${platform}`;
    return {
      ...exact([`${path} is a program for ${machine}; ${here} (${seen.machine})${where}.`]),
      next: [],
    };
  }
  if (hasReturn && interpreter !== undefined && !path.endsWith(".exe")) {
    return exact([
      `The first line of ${path} ends with CR, so "${interpreter}${CARRIAGE_RETURN}" is sought${where}.`,
      "Save the file with Unix line ends, or run sed -i 's/\\r$//' on it.",
    ]);
  }
  if (interpreter === undefined || !isMissing(seen, posix.resolve("/", interpreter))) return undefined;
  if (elf === undefined) {
    return exact([`The first line of ${path} asks for ${interpreter}, which does not exist${where}.`]);
  }
  return exact([
    `${path} needs the loader ${interpreter}, which does not exist${where}.`,
    libraryWords(interpreter),
  ]);
}

function libraryWords(loader: string): string {
  return loader.includes("musl")
    ? "It was built for musl (Alpine): build it on this image's own system, or statically."
    : "It was built for glibc (Debian, Fedora and others): build it on this image's own system, or statically.";
}

function platformOf({
  facts: {
    program: { graph },
    failure,
    step,
    request,
  },
}: FailedStep): string {
  return graph.vertices.get(failure.vertex ?? step.vertex)?.platform || (request?.platform ?? "");
}

/** As a kernel runs them: a 64-bit one also the 32-bit programs of its family. What is not known is not doubted. */
function runsOn(machine: string, kernel: string): boolean {
  const runs = RUNS.get(kernel);
  return runs === undefined || runs.includes(machine);
}

const RUNS: ReadonlyMap<string, readonly string[]> = new Map([
  ["x86_64", ["amd64", "386"]],
  ["i686", ["386"]],
  ["aarch64", ["arm64", "arm"]],
  ["armv7l", ["arm"]],
  ["armv6l", ["arm"]],
  ["riscv64", ["riscv64"]],
  ["ppc64le", ["ppc64le"]],
  ["s390x", ["s390x"]],
  ["loongarch64", ["loong64"]],
]);
