/** The builds of a bake plan: what each target asks for, with the targets that it is built from. */
import { BktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import { badValue } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { BuildRequest, LinkedTarget } from "../../engine/build-request.ts";
import { parseArguments } from "../arguments.ts";
import type { DebugOptions } from "../debug-options.ts";
import { checkInputs } from "../inputs.ts";
import { ReceivedInput } from "../received.ts";
import { mustBeAllowed } from "./permissions.ts";
import type { BakePlan, BakeTarget } from "./read-plan.ts";
import { targetWords } from "./target-words.ts";

export interface BakeBuild extends AsyncDisposable {
  readonly name: string;
  readonly options: DebugOptions;
  /** Its own Dockerfile, when it stands in the bake file. */
  readonly input: ReceivedInput | undefined;
  /** Adds to its request its name, and what the targets bring that it is built from. */
  readonly asTarget: (request: BuildRequest) => BuildRequest;
}

interface BuildContext extends Surroundings {
  readonly plan: BakePlan;
  /** Options of the debugger, and those that are typed over the file's. */
  readonly buildWords: readonly string[];
  /** Entitlements that were allowed by hand. */
  readonly allowed: readonly string[];
  /** By target: what `--metadata-file` holds of those that are built. */
  readonly made: Readonly<Record<string, unknown>>;
}

/**
 * The build of one target; the caller disposes it.
 * @throws {BktuiError} "bad-request" and others, as for a command line with what the target says.
 */
export async function bakeBuild(name: string, context: BuildContext): Promise<BakeBuild> {
  const copies = new Scope();
  await using kept = new Scope();
  kept.own(copies);
  const linked: LinkedTarget[] = [];
  const notes: string[] = [];
  for (const link of linkedNames(name, context.plan)) {
    const { options, input } = await read(link, context, copies);
    const { request, notes: own } = await checkInputs(options, context, input);
    linked.push({ name: link, request });
    notes.push(...own.map((note) => (note.startsWith("target ") ? note : `target ${link}: ${note}`)));
  }
  const { options, input } = await read(name, context, copies);
  return kept.release(() => ({
    name,
    options: { ...options, notes: [...options.notes, ...notes] },
    input,
    asTarget: (request) => ({
      ...request,
      metadataOf: { target: name, others: context.made },
      ...(linked.length === 0 ? {} : together(request, linked)),
    }),
    [Symbol.asyncDispose]: () => copies[Symbol.asyncDispose](),
  }));
}

async function read(
  name: string,
  { plan, buildWords, allowed, ...surroundings }: BuildContext,
  copies: Scope,
): Promise<{ readonly options: DebugOptions; readonly input: ReceivedInput | undefined }> {
  const target = targetNamed(name, plan);
  const { words, inline, notes } = targetWords(name, target, surroundings.cwd);
  const parse = (line: readonly string[]): DebugOptions => {
    const invocation = parseArguments(line, surroundings);
    if (invocation.kind === "debug") return invocation.options;
    throw new BktuiError("internal", `target ${name} became no build`);
  };
  await mustBeAllowed(parse(words), { ...surroundings, name, target, allowed });
  const asked = parse([...words.slice(0, -1), ...buildWords, ...words.slice(-1)]);
  const options = { ...asked, notes: [...notes, ...asked.notes] };
  if (inline === undefined) return { options, input: undefined };
  return { options, input: copies.own(await ReceivedInput.dockerfile(inline, `target ${name}`)) };
}

function targetNamed(name: string, { targets }: BakePlan): BakeTarget {
  const target = targets.get(name);
  if (target === undefined) throw badValue(`there is no target ${name} in the bake file`);
  return target;
}

/** Each behind those that it is built from itself. @throws {BktuiError} "bad-request" for a circle. */
function linkedNames(name: string, plan: BakePlan): readonly string[] {
  const found: string[] = [];
  const within: string[] = [];
  const visit = (each: string): void => {
    if (found.includes(each)) return;
    if (within.includes(each))
      throw badValue(`targets are built from each other: ${[...within, each].join(" -> ")}`);
    within.push(each);
    for (const link of targetWords(each, targetNamed(each, plan), "/").links) visit(link);
    within.pop();
    found.push(each);
  };
  visit(name);
  return found.slice(0, -1);
}

/** What is taken and made for the whole build; of a linked target by itself nothing is made, as by buildx. */
const ITS_BUILD_HAS = {
  secrets: [],
  ssh: [],
  cacheFrom: [],
  cacheTo: [],
  tags: [],
  load: false,
  push: false,
  outputs: [],
} as const;

/** All in one session: an engine asks it for a secret without saying for which target, so the first of an id counts. */
function together(own: BuildRequest, linked: readonly LinkedTarget[]): Partial<BuildRequest> {
  const requests = [own, ...linked.map(({ request }) => request)];
  const first = <T extends { readonly id: string }>(all: readonly T[]): readonly T[] =>
    all.filter(({ id }, index) => all.findIndex((other) => other.id === id) === index);
  return {
    linked: linked.map(({ name, request }) => ({ name, request: { ...request, ...ITS_BUILD_HAS } })),
    secrets: first(requests.flatMap(({ secrets }) => secrets)),
    ssh: first(requests.flatMap(({ ssh }) => ssh)),
    allow: [
      ...new Set([
        ...requests.flatMap(({ allow }) => allow),
        ...(requests.some(({ network }) => network === "host") ? ["network.host"] : []),
      ]),
    ],
    cacheFrom: requests.flatMap(({ cacheFrom }) => cacheFrom),
  };
}
