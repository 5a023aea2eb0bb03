/** Compiles a build plan to LLB, as tools do that have a language of their own: a definition and an image configuration. */
import type { pb } from "#proto";
import { pb as wire } from "#proto";
import { BktuiError } from "../../src/base/errors.ts";
import { LlbWriter, NONE, type Ref } from "./llb-writer.ts";
import { type Deploy, type Input, type Plan, type PlanCommand, readPlan, type Step } from "./read-plan.ts";

export interface CompileOptions {
  /** Under which the plan's text is shown. */
  readonly fileName?: string;
  /** As images name it. */
  readonly architecture?: string;
}

export interface Compiled {
  /** A marshalled `pb.Definition`, with the plan as its source map. */
  readonly definition: Uint8Array;
  /** JSON of an OCI image. */
  readonly imageConfig: object;
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const DIRECTORY_MODE = 0o755;
const SECRET_MODE = 0o400;
const WHOLE = "/";

/** @throws {BktuiError} "usage" with the line of the plan. */
export function compilePlan(text: string, options: CompileOptions = {}): Compiled {
  const { fileName = "plan.json", architecture = ownArchitecture() } = options;
  const plan = readPlan(text, fileName);
  const compiler = new Compiler(plan, fileName, { OS: "linux", Architecture: architecture });
  const result = compiler.deployed();
  return {
    definition: compiler.llb.definition(result, { name: fileName, text }),
    imageConfig: imageConfig(plan, architecture),
  };
}

function ownArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}

/** Writes each step once, when something first needs it. */
class Compiler {
  readonly llb: LlbWriter;
  readonly #plan: Plan;
  readonly #fileName: string;
  readonly #done = new Map<string, Ref>();
  readonly #started = new Set<string>();

  constructor(plan: Plan, fileName: string, platform: pb.Platform.$Properties) {
    this.#plan = plan;
    this.#fileName = fileName;
    this.llb = new LlbWriter(platform);
  }

  deployed(): Ref {
    return this.#put(this.#plan.deploy.inputs);
  }

  #step(name: string, from: Input): Ref {
    const done = this.#done.get(name);
    if (done !== undefined) return done;
    const step = this.#plan.steps.find((each) => each.name === name);
    if (step === undefined) this.#refuse(from, `there is no step "${name}"`);
    if (this.#started.has(name)) this.#refuse(from, `step "${name}" needs itself`);
    this.#started.add(name);
    const ran = step.commands.reduce(
      (state, command) => this.#run(state, command, step),
      this.#files(this.#put(step.inputs), step),
    );
    this.#done.set(name, ran);
    return ran;
  }

  /** The first input, and of the others what is included of them. */
  #put([base, ...others]: readonly Input[]): Ref {
    if (base === undefined)
      throw new BktuiError("usage", `${this.#fileName}: a step without inputs has no programs to run`);
    return others.reduce((state, input) => {
      const from = this.#source(input);
      const paths = input.include.length === 0 ? [WHOLE] : input.include;
      return paths.reduce((onto, path) => this.#copy(onto, from, path, input), state);
    }, this.#source(base));
  }

  #copy(onto: Ref, from: Ref, path: string, { kind, name, to, lines }: Input): Ref {
    const src = path.startsWith("/") ? path : `/${path}`;
    const dest = path === WHOLE ? to : `${to.replace(/\/$/, "")}/${path.split("/").at(-1)}`;
    const copy = { src, dest, mode: NONE, timestamp: NONE, createDestPath: true, dirCopyContents: true };
    const op = {
      inputs: [onto, from],
      file: { actions: [{ input: 0, secondaryInput: 1, output: 0, copy }] },
    };
    return this.llb.add(op, `copy ${path} from ${kind} ${name} to ${dest}`, lines);
  }

  #source(input: Input): Ref {
    const { kind, name, lines } = input;
    if (kind === "step") return this.#step(name, input);
    if (kind === "image") {
      const identifier = `docker-image://${fullName(name)}`;
      return this.llb.add({ source: { identifier } }, `load image ${name}`, lines);
    }
    const wanted = input.include.length === 0 ? {} : { "local.followpaths": JSON.stringify(input.include) };
    const attrs = { ...wanted, "local.sharedkeyhint": `plan-${name}` };
    return this.llb.add({ source: { identifier: `local://${name}`, attrs } }, `load ${name}`, lines);
  }

  #files(onto: Ref, step: Step): Ref {
    return step.files.reduce((state, { path, mode, text, lines }) => {
      const directory = path.slice(0, path.lastIndexOf("/")) || WHOLE;
      const mkdir = { path: directory, mode: DIRECTORY_MODE, makeParents: true, timestamp: NONE };
      const mkfile = { path, mode, data: Buffer.from(text), timestamp: NONE };
      const actions = [
        { input: 0, secondaryInput: NONE, output: NONE, mkdir },
        { input: 1, secondaryInput: NONE, output: 0, mkfile },
      ];
      return this.llb.add({ inputs: [state], file: { actions } }, `write ${path}`, lines);
    }, onto);
  }

  #run(onto: Ref, command: PlanCommand, { workdir, variables }: Step): Ref {
    const env = [PATH, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)];
    const meta = { args: ["/bin/sh", "-c", command.cmd], env, cwd: workdir };
    const mounts = [
      { input: 0, dest: "/", output: 0 },
      ...command.caches.map((cache) => this.#cache(cache, command)),
      ...command.secrets.map(secretMount),
    ];
    return this.llb.add({ inputs: [onto], exec: { meta, mounts } }, command.name, command.lines);
  }

  #cache(name: string, { lines }: PlanCommand): pb.Mount.$Properties {
    const dest = this.#plan.caches[name];
    if (dest === undefined) this.#refuse({ lines }, `there is no cache "${name}"`);
    return {
      input: NONE,
      output: NONE,
      dest,
      mountType: wire.MountType.CACHE,
      cacheOpt: { ID: `${this.#plan.name}-${name}`, sharing: wire.CacheSharingOpt.LOCKED },
    };
  }

  #refuse({ lines }: Pick<Input, "lines">, why: string): never {
    throw new BktuiError("usage", `${this.#fileName}:${lines.start}: ${why}`);
  }
}

function secretMount(id: string): pb.Mount.$Properties {
  return {
    input: NONE,
    output: NONE,
    dest: `/run/secrets/${id}`,
    mountType: wire.MountType.SECRET,
    secretOpt: { ID: id, mode: SECRET_MODE },
  };
}

/** As engines spell it: of Docker Hub unless it names a registry. */
function fullName(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const path = rest.length === 0 ? `library/${image}` : image;
  const full = hasHost ? image : `docker.io/${path}`;
  return /:[^/]*$|@/.test(full) ? full : `${full}:latest`;
}

function imageConfig({ name, deploy }: Plan, architecture: string): object {
  const { variables, workdir, user, start }: Deploy = deploy;
  return {
    architecture,
    os: "linux",
    config: {
      Env: [PATH, ...Object.entries(variables).map(([key, value]) => `${key}=${value}`)],
      Cmd: ["/bin/sh", "-c", start],
      WorkingDir: workdir,
      ...(user === "" ? {} : { User: user }),
      Labels: { "plan.name": name },
    },
    rootfs: { type: "layers", diff_ids: [] },
    history: [],
  };
}
