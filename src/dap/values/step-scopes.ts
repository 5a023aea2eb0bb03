/** What a client sees of a step: its arguments, environment, mounts and image, and the files of its states. */
import { BktuiError } from "../../base/errors.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import { canMakeBase } from "../../debugger/state/inspect.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Mount, Vertex } from "../../graph/graph.ts";
import { type Branch, branchOf, type Item } from "./branch.ts";
import { directoryBranch } from "./state-files.ts";
import { argumentsOf, environmentLine, type StepArgument } from "./step-arguments.ts";
import { environmentOf, ownEnvironment, pairsOf, type StepView } from "./step-view.ts";

export interface StepScope {
  readonly name: string;
  readonly hint: "arguments" | "locals" | undefined;
  /** It has to be asked for. */
  readonly isExpensive: boolean;
  readonly branch: Branch;
}

/** @param view is taken when the scopes are asked for; branches hold as long as the build stands */
export function scopesOf(view: StepView): readonly StepScope[] {
  const { sides, session } = view;
  const hasState = sides.length > 0 || canMakeBase(view.state, view.step.id);
  const scope = (name: string, branch: Branch, isExpensive = false): StepScope => ({
    name,
    hint: name === "Arguments" ? "arguments" : name === "Environment" ? "locals" : undefined,
    isExpensive,
    branch,
  });
  return [
    scope("Arguments", argumentsBranch(view)),
    ...(hasState || ownEnvironment(view) !== undefined
      ? [scope("Environment", environmentBranch(view), ownEnvironment(view) === undefined)]
      : []),
    scope("Mounts", mountsBranch(view)),
    scope("Image", imageBranch(view)),
    ...(isUnmade(view) ? [scope("Files BASE", unmadeBranch(view), true)] : []),
    ...[...sides]
      .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
      .map((side) => scope(`Files ${sideWord(side)}`, filesBranch(view, side), true)),
    ...(session.client.looksForFileExplorer && sides[0] !== undefined
      ? [scope("File Explorer", explorerBranch(view, sides[0]), true)]
      : []),
  ];
}

/** It failed before the steps above it had run. */
function isUnmade({ state, step, sides }: StepView): boolean {
  return canMakeBase(state, step.id) && !sides.includes("base");
}

function unmadeBranch(view: StepView): Branch {
  const { step, program, place } = view;
  return branchOf(keyOf(view, "unmade"), place.thread, () => {
    throw new BktuiError(
      "not-now",
      `BASE of step ${step.id + 1}/${program.steps.length} is not there: it failed before the steps above it had run`,
      { hint: "files / in the debug console runs them first, and then lists it." },
    );
  });
}

const ORDER: readonly StateSide[] = ["base", "failed", "after"];

function keyOf({ place: { thread, step } }: StepView, name: string): string {
  return `${name} ${thread} ${step}`;
}

function argumentsBranch(view: StepView): Branch {
  const { place } = view;
  const branch = branchOf(
    keyOf(view, "arguments"),
    place.thread,
    () => argumentItems(view),
    argumentItems(view).length,
  );
  return { ...branch, sets: place };
}

/** As the step has them; of those that are given another value for the next build that one. */
export function argumentItems(view: StepView): readonly Item[] {
  const given = view.session.build.console.next.request.buildArgs;
  return stepArguments(view).map(({ name, value, origin, line }): Item => {
    const next = given[name];
    const isNew = next !== undefined && next !== view.request.buildArgs[name];
    return {
      name,
      value: (isNew ? next : value) ?? "",
      type: isNew ? "build argument of the next build" : ORIGINS[origin],
      isSettable: origin !== "predefined" || line !== undefined,
      expression: `ARG.${name}`,
      ...(line === undefined ? {} : { line }),
    };
  });
}

const ORIGINS: Readonly<Record<StepArgument["origin"], string>> = {
  given: "build argument",
  default: "build argument, default",
  predefined: "build argument of every build",
  undeclared: "build argument that no ARG of this stage asks for",
};

/** From the state alone. */
export function stepArguments(view: StepView): readonly StepArgument[] {
  const { program, step, request } = view;
  const own = ownEnvironment(view);
  const environment = own === undefined ? undefined : pairsOf(own.meta.env);
  return argumentsOf({ program, step, request, environment });
}

function environmentBranch(view: StepView): Branch {
  return {
    key: keyOf(view, "environment"),
    shape: "named",
    thread: view.place.thread,
    list: async (_page, signal) => environmentItems(view, await environmentOf(view, signal)),
  };
}

function environmentItems(
  view: StepView,
  { meta }: Awaited<ReturnType<typeof environmentOf>>,
): readonly Item[] {
  const variables = [...pairsOf(meta.env)].map(([name, value]): Item => {
    const line = environmentLine(view.program, view.step, name);
    return {
      name,
      value,
      type: "environment variable",
      expression: `ENV.${name}`,
      ...(line === undefined ? {} : { line }),
    };
  });
  const secrets = meta.secretEnv.map(
    ({ id, name }): Item => ({ name, value: `secret ${id}`, type: "secret in the environment" }),
  );
  return [
    { name: "user", value: meta.user === "" ? "root" : meta.user, type: "user", expression: "user" },
    {
      name: "directory",
      value: meta.cwd === "" ? "/" : meta.cwd,
      type: "directory",
      expression: "directory",
    },
    ...variables,
    ...secrets,
    ...limitItems(meta),
  ];
}

function limitItems({
  network,
  security,
  hostname,
  extraHosts,
}: NonNullable<Vertex["exec"]>["meta"]): Item[] {
  return [
    ...(network === "unset" ? [] : [{ name: "network", value: network, type: "network" }]),
    ...(security === "insecure" ? [{ name: "security", value: security, type: "security" }] : []),
    ...(hostname === "" ? [] : [{ name: "hostname", value: hostname, type: "host name" }]),
    ...extraHosts.map(({ host, ip }) => ({ name: host, value: ip, type: "host" })),
  ];
}

function mountsBranch(view: StepView): Branch {
  const mounts = (view.vertex?.exec?.mounts ?? []).filter(({ dest }) => dest !== "/");
  const items = mounts.map((mount): Item => {
    const facts = mountFacts(mount, view);
    return {
      name: mount.dest === "" ? (mount.secret?.id ?? mount.kind) : mount.dest,
      value: [mount.kind, ...facts.map(({ name, value }) => `${name} ${value}`)].join(", "),
      type: `${mount.kind} mount`,
      branch: branchOf(keyOf(view, `mount ${mount.kind} ${mount.dest}`), view.place.thread, () => [
        { name: "kind", value: mount.kind },
        { name: "target", value: mount.dest },
        ...facts,
      ]),
    };
  });
  return branchOf(keyOf(view, "mounts"), view.place.thread, () => items, items.length);
}

/** Of secrets and agents their names alone. */
function mountFacts(mount: Mount, { vertex, program }: StepView): readonly Item[] {
  const { kind, cache, secret, tmpfsSize, selector, input } = mount;
  const facts: Item[] = [];
  if (cache !== undefined)
    facts.push({ name: "id", value: cache.id }, { name: "sharing", value: cache.sharing });
  if (secret !== undefined && (kind === "secret" || kind === "ssh"))
    facts.push(
      { name: "id", value: secret.id === "" ? "default" : secret.id },
      { name: "mode", value: `0o${secret.mode.toString(8)}` },
      { name: "owner", value: `${secret.uid}:${secret.gid}` },
      { name: "required", value: String(!secret.optional) },
    );
  if (kind === "tmpfs") facts.push({ name: "size", value: tmpfsSize === 0 ? "no limit" : String(tmpfsSize) });
  const source = input === undefined ? undefined : vertex?.inputs[input];
  const from = source === undefined ? undefined : program.graph.vertices.get(source.vertex);
  if (kind === "bind") {
    if (from !== undefined) facts.push({ name: "from", value: from.name });
    if (selector !== "" && selector !== "/") facts.push({ name: "source", value: selector });
    if (mount.readonly) facts.push({ name: "read-only", value: "true" });
  }
  return facts;
}

function imageBranch(view: StepView): Branch {
  const items = imageItems(view);
  return branchOf(keyOf(view, "image"), view.place.thread, () => items, items.length);
}

function imageItems({ program, step, vertex, request }: StepView): readonly Item[] {
  const stage = program.stages.find(({ name }) => name === step.stage);
  const image = baseImage(vertex, program.graph.vertices);
  const [, name = image?.identifier ?? "", digest] =
    /^docker-image:\/\/([^@]+)(?:@(.+))?$/.exec(image?.identifier ?? "") ?? [];
  const facts: readonly (readonly [string, string | undefined, string])[] = [
    ["base", name === "" ? "scratch" : name, "image"],
    ["digest", digest, "digest"],
    ["platform", vertex?.platform || request.platform, "platform"],
    ["stage", step.stage, "stage"],
    ["from", stage?.from, "as written"],
    ["target", request.target ?? program.stages.at(-1)?.name, "stage"],
    ["instruction", step.instruction, "keyword"],
    ["command", vertex?.exec?.meta.args.join(" "), "command"],
    ["vertex", step.vertex, "digest"],
  ];
  return facts.flatMap(([label, value, type]) =>
    value === undefined || value === ""
      ? []
      : [
          {
            name: label,
            value,
            type,
            ...(label === "stage" || label === "platform" || label === "instruction"
              ? { expression: label }
              : {}),
            ...((label === "base" || label === "from") && stage !== undefined ? { line: stage.start } : {}),
          },
        ],
  );
}

/** The image whose file system the step's lies on. */
function baseImage(vertex: Vertex | undefined, vertices: ReadonlyMap<string, Vertex>): Vertex | undefined {
  const seen = new Set<Vertex>();
  for (let at = vertex; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    if (at.kind === "source") return at;
    const input: number | undefined = at.rootInput;
    const below: string | undefined = input === undefined ? undefined : at.inputs[input]?.vertex;
    at = below === undefined ? undefined : vertices.get(below);
  }
  return undefined;
}

function filesBranch(view: StepView, side: StateSide): Branch {
  return directoryBranch(view, { ...view.place, side, path: "/" });
}

/** As users of docker buildx dap know it: what is mounted, by place. */
function explorerBranch(view: StepView, side: StateSide): Branch {
  return branchOf(keyOf(view, "explorer"), view.place.thread, () => [
    {
      name: "/",
      value: `${sideWord(side)} of step ${view.step.id + 1}`,
      type: "directory",
      branch: filesBranch(view, side),
    },
  ]);
}
