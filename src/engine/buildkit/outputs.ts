/** Makes the outputs of a finished target: lets the engine export, and puts what it sends in its place. */
import { rm, writeFile } from "node:fs/promises";
import type { Writable } from "node:stream";
import { BktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import type { ContentStore } from "../../session/content-store.ts";
import { describeSystemError } from "../../session/files/file-problem.ts";
import {
  DirectoryReceiver,
  type FileSendService,
  type Receiver,
  StreamReceiver,
} from "../../session/receive/file-send.ts";
import { openFileSink, StreamSink } from "../../session/receive/received-file.ts";
import { LayoutReceiver } from "../../session/receive/received-layout.ts";
import type { Address } from "../../transport/address.ts";
import { hasContainerdStore } from "../../transport/docker-api.ts";
import type { BuildRequest } from "../build-request.ts";
import type { Progress } from "../engine.ts";
import type { Made, MadeOutput } from "../outputs.ts";
import { LoadSink, pushedDigest, pushWithDocker } from "./docker-deliveries.ts";
import { hasSeveral, type OutputPlan, type PlannedOutput } from "./exporters.ts";
import { metadataText } from "./metadata-file.ts";

type Signal = { readonly signal: AbortSignal };

/** What outputs need of the world around the engine. */
export interface OutputPlaces {
  /** Gets outputs with `dest=-`; undefined = there is none for them. */
  readonly standardOutput?: Writable | undefined;
  /** The docker into whose store images are loaded: that of a context, or without one that of the builder. */
  readonly findDocker?: ((context: string | undefined, options: Signal) => Promise<Address>) | undefined;
  /** The builder puts images into a docker also when nobody says so. */
  readonly loads?: boolean | undefined;
  /** buildx's names of builder and node, e.g. "dev/dev0". */
  readonly builder?: string | undefined;
}

/** An output with the docker that it goes through. */
export interface ReadyOutput extends PlannedOutput {
  readonly docker: Address | undefined;
}

export interface ReadyPlan extends OutputPlan {
  readonly outputs: readonly ReadyOutput[];
}

const NO_DOCKER = "leave --load out, or write the image to a file: -o type=docker,dest=FILE";

/**
 * Finds the docker of each output that goes through one, and what it can load. Removes the file of an earlier image's id, as
 * docker's client does: it must not stay when this build fails.
 * @throws {BktuiError} when there is no such docker.
 */
export async function readyOutputs(
  plan: OutputPlan,
  {
    request,
    engine,
    places,
  }: { readonly request: BuildRequest; readonly engine: Address; readonly places: OutputPlaces },
  { signal }: Signal,
): Promise<ReadyPlan> {
  const { iidFile } = request;
  checkImageFile(plan, request);
  if (iidFile !== undefined)
    await rm(iidFile, { force: true }).catch((error: unknown) => {
      throw new BktuiError("io", `removing image ID file ${iidFile}: ${describeSystemError(error)}`, {
        cause: error,
      });
    });
  const ready = async (output: PlannedOutput): Promise<ReadyOutput> => {
    if (output.delivery.kind !== "load")
      return { ...output, docker: output.push === "docker" ? engine : undefined };
    if (places.findDocker === undefined)
      throw new BktuiError("unsupported", "--load needs a docker, and none is known", { hint: NO_DOCKER });
    const docker = await places.findDocker(output.delivery.context, { signal });
    const { exporter } = output;
    // The older store reads docker's archives only, containerd's both; OCI's may hold several manifests.
    if (!(await hasContainerdStore(docker, { signal }))) {
      if (!hasSeveral(request)) return { ...output, docker };
      throw new BktuiError(
        "bad-request",
        "docker exporter does not currently support exporting manifest lists",
        {
          hint: "load the image of one platform, or write an archive of them all: -o type=oci,dest=FILE",
        },
      );
    }
    const attributes = { ...exporter.attributes, "prefer-image-digest": "true" };
    return { ...output, docker, exporter: { type: "oci", attributes } };
  };
  return { ...plan, outputs: await Promise.all(plan.outputs.map(ready)) };
}

function checkImageFile({ outputs }: OutputPlan, { iidFile }: BuildRequest): void {
  if (
    iidFile === undefined ||
    !outputs.some(({ exporter }) => exporter.type === "local" || exporter.type === "tar")
  )
    return;
  throw new BktuiError("bad-request", "local and tar exporters are incompatible with image ID file", {
    hint: "leave --iidfile out, or make an image of it",
  });
}

export interface Making {
  readonly plan: ReadyPlan;
  readonly request: BuildRequest;
  readonly places: OutputPlaces;
  readonly env: NodeJS.ProcessEnv;
  readonly fileSend: FileSendService;
  /** What the session's content service offers, by name; a layout is written to "export". */
  readonly stores: Map<string, ContentStore>;
  readonly onProgress: (progress: Progress) => void;
  /** What the engine's record of a build says, for the metadata file. */
  readonly provenance: (ref: string, options: Signal) => Promise<Readonly<Record<string, string>>>;
  /**
   * Lets the engine export; resolves with what its exporters answered, and with the build's own name (`Ref`).
   */
  readonly exportAll: (
    options: Signal,
  ) => Promise<{ readonly ref: string; readonly answer: Readonly<Record<string, string>> }>;
}

/**
 * Makes all outputs or none: what the engine sends is put in its place only when everything has succeeded. (What an engine
 * keeps or pushes, and what went to a pipe, cannot be taken back.)
 */
export async function makeOutputs(making: Making, { signal }: Signal): Promise<Made> {
  const { plan, request, places, fileSend } = making;
  await using scope = new Scope();
  // Whoever leaves does not wait for the engine; what is half made goes at once.
  const discard = (): void => void scope[Symbol.asyncDispose]();
  signal.addEventListener("abort", discard, { once: true });
  const receivers = plan.outputs.map((output) => {
    const receiver = receiverOf(output, making, signal);
    if (receiver !== undefined) scope.own(receiver);
    return receiver;
  });
  using _expected = fileSend.expect(receivers);
  const layout = receivers.find((receiver) => receiver instanceof LayoutReceiver);
  if (layout !== undefined) making.stores.set("export", layout.store);
  scope.defer(() => void making.stores.delete("export"));
  let exported: Awaited<ReturnType<Making["exportAll"]>>;
  try {
    exported = await making.exportAll({ signal });
  } catch (error) {
    // The engine says only that the transfer failed.
    throw receivers.find((receiver) => receiver?.problem !== undefined)?.problem ?? error;
  }
  const answer = await pushAll(making, exported.answer, { signal });
  for (const receiver of receivers) await receiver?.commit(answer);
  const imageId = imageIdOf(plan, answer);
  const { iidFile, metadataFile, metadataOf } = request;
  if (iidFile !== undefined) await writeResult(iidFile, imageId ?? "", "image ID");
  if (metadataFile !== undefined) {
    const ref = `${places.builder ?? "default/default"}/${exported.ref}`;
    const provenance = await making.provenance(exported.ref, { signal });
    await writeResult(
      metadataFile,
      metadataText({ ...answer, ...provenance, "buildx.build.ref": ref }, metadataOf),
      "metadata",
    );
  }
  return { imageId, outputs: plan.outputs.flatMap((output, index) => madeOf(output, receivers[index])) };
}

function receiverOf(
  { delivery, docker }: ReadyOutput,
  { places, onProgress }: Making,
  signal: AbortSignal,
): Receiver | undefined {
  switch (delivery.kind) {
    case "engine":
      return undefined;
    case "directory":
      return new DirectoryReceiver(delivery.path, delivery);
    case "layout":
      return new LayoutReceiver(delivery.path);
    case "file":
      return delivery.path === "-"
        ? new StreamReceiver("standard output", async () => standardSink(places))
        : new StreamReceiver(delivery.path, () => openFileSink(delivery.path));
    case "load":
      return new StreamReceiver("docker", async () => {
        if (docker === undefined) throw new BktuiError("internal", "no docker was found for an image");
        return new LoadSink(docker, { signal, onProgress });
      });
  }
}

function standardSink({ standardOutput }: OutputPlaces): StreamSink {
  if (standardOutput === undefined)
    throw new BktuiError("unsupported", "there is no standard output for an output of the build", {
      hint: "write it to a file: dest=FILE",
    });
  return new StreamSink(standardOutput, { where: "standard output", ends: false });
}

/** What docker has to push itself. Then the digest is the registry's. */
async function pushAll(
  { plan, env, onProgress }: Making,
  answer: Readonly<Record<string, string>>,
  { signal }: Signal,
): Promise<Readonly<Record<string, string>>> {
  let result = answer;
  for (const { push, docker, names } of plan.outputs) {
    if (push !== "docker" || docker === undefined) continue;
    for (const name of names) await pushWithDocker(docker, name, { env, signal, onProgress });
    const [first] = names;
    const digest = first === undefined ? undefined : await pushedDigest(docker, first, { env, signal });
    if (digest === undefined) continue;
    const own = result["containerimage.config.digest"] ?? result["containerimage.digest"];
    result = {
      ...result,
      ...(own === undefined ? {} : { "containerimage.config.digest": own }),
      "containerimage.digest": digest,
    };
  }
  if (!plan.outputs.some(({ exporter }) => exporter.attributes["prefer-image-digest"] === "true"))
    return result;
  // Where images are known by their manifests, that of their configuration would lead nowhere.
  const { "containerimage.config.digest": _config, ...rest } = result;
  return rest;
}

/** As docker tells it: of a directory or tar there is none. */
function imageIdOf({ outputs }: ReadyPlan, answer: Readonly<Record<string, string>>): string | undefined {
  if (outputs.length === 0) return undefined;
  return answer["containerimage.config.digest"] ?? answer["containerimage.digest"];
}

async function writeResult(path: string, text: string, what: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o644 });
  } catch (error) {
    throw new BktuiError("io", `cannot write the ${what} file ${path}: ${describeSystemError(error)}`, {
      cause: error,
      hint: "the outputs are made; only this file is missing",
    });
  }
}

function madeOf(
  { delivery, names, push, exporter }: ReadyOutput,
  receiver: Receiver | undefined,
): readonly MadeOutput[] {
  switch (delivery.kind) {
    case "directory":
      return receiver instanceof DirectoryReceiver
        ? [{ kind: "directory", path: delivery.path, files: receiver.files, bytes: receiver.bytes }]
        : [];
    case "file":
      return receiver instanceof StreamReceiver
        ? [{ kind: "file", path: delivery.path, bytes: receiver.bytes }]
        : [];
    case "layout":
      return [{ kind: "layout", path: delivery.path, names }];
    case "load":
      return [{ kind: "loaded", names }];
    case "engine":
      if (push !== "no") return [{ kind: "pushed", names }];
      return [{ kind: exporter.type === "moby" ? "loaded" : "stored", names }];
  }
}
