/** From an image, by its name or in a file, to a build of it, with what its step began with beside it. */
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { visibleLine } from "../../base/visible.ts";
import { usageError } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { Waiting } from "../../console/connect.ts";
import { besideNames, besidePath } from "../../console/exports/failure-export.ts";
import type { ImageFile, RecordSource } from "../../engine/record.ts";
import { isBaseOf } from "../../engine/state-labels.ts";
import { ReceivedInput } from "../received.ts";
import type { OpenLine } from "./open-command.ts";
import { type OpenRun, parsed, type RecordBuild, toldFirst } from "./opened-build.ts";
import { BASE, type ImagePlace, type OpenedImage, STATE, stateFile } from "./opened-image.ts";

type Signal = { readonly signal: AbortSignal };
type Labels = ImageFile["labels"];

/** The names that exports without a name of their own get. */
const OWN_NAME = /^bktui\/failed:/;

/**
 * An image of docker's store, or of a registry, with its BASE where docker has that too.
 * @param labelsOf undefined where docker does not know the image
 */
export async function namedImage(
  name: string,
  labelsOf: (name: string) => Promise<Labels | undefined>,
): Promise<OpenedImage> {
  const labels = (await labelsOf(name)) ?? {};
  const image = { name, image: undefined, labels };
  const beside = OWN_NAME.test(name) ? name.replace(OWN_NAME, "bktui/base:") : besideNames(name, "base");
  const ofBase = name.includes("@") || Object.keys(labels).length === 0 ? undefined : await labelsOf(beside);
  if (ofBase === undefined || !isBaseOf(ofBase, labels)) return image;
  return { ...image, base: { name: beside, image: undefined, labels: ofBase } };
}

/** An image of a file, with its BASE where that is in the file, or in the one that exports put it into. */
export async function imageOf(
  path: string,
  image: ImageFile,
  { openFile, ...waiting }: Pick<OpenRun, "openFile"> & Waiting,
): Promise<OpenedImage> {
  const opened = (name: string, each: ImageFile): OpenedImage => ({ name, image: each, labels: each.labels });
  if (image.base !== undefined) return { ...opened(path, image), base: opened(path, image.base) };
  const beside = besidePath(path, "base");
  const facts = await stat(beside).catch(() => undefined);
  if (facts?.isFile() !== true) return opened(path, image);
  const found = await openFile(beside, waiting).catch((error: unknown) => {
    // It only has the name of one.
    if (toBktuiError(error).code === "cancelled") throw error;
    return undefined;
  });
  if (found === undefined || !("unpack" in found)) return opened(path, image);
  return isBaseOf(found.labels, image.labels)
    ? { ...opened(path, image), base: opened(beside, found) }
    : opened(path, image);
}

/**
 * An image, to look around in it as its last step would: of an exported state, as the step that it is of.
 * @param load the command line that gives it to docker
 */
export async function imageBuild(
  opened: OpenedImage,
  { line, signal, ...surroundings }: Surroundings & Signal & { readonly line: OpenLine },
  load = `docker load -i ${quote(opened.name)}`,
): Promise<RecordBuild> {
  const { text, of, notes } = stateFile(opened);
  const input = await ReceivedInput.dockerfile(text, of);
  try {
    const places = opened.base === undefined ? [STATE] : [BASE, STATE];
    const breaks = ["--break=none", ...places.map(({ stage }) => `--break=${stage}:end`)];
    const layouts = [
      ...(await unpacked(opened, STATE, input, { signal })),
      ...(opened.base === undefined ? [] : await unpacked(opened.base, BASE, input, { signal })),
    ];
    if (opened.image !== undefined && opened.image.layers !== 1)
      notes.push(`an engine without OCI layouts takes it by its name: ${load}, then bktui open NAME`);
    const asked = parsed([...layouts, ...breaks, "--run", ...line.words, "-"], surroundings);
    return { options: toldFirst(notes, asked), input };
  } catch (error) {
    input[Symbol.dispose]();
    throw error;
  }
}

/** Puts it where its stage takes it from; answers the options that say so. */
async function unpacked(
  { image }: OpenedImage,
  { layout, directory }: ImagePlace,
  input: ReceivedInput,
  { signal }: Signal,
): Promise<readonly string[]> {
  if (image === undefined) return [];
  if (image.layers === 1) {
    const into = join(await input.emptyDirectory(), directory);
    await mkdir(into, { recursive: true, mode: 0o700 });
    await image.unpackLayer(into, { signal });
    return [];
  }
  const into = await input.directory(layout);
  await image.unpack(into, { signal });
  return [`--build-context=${layout}=oci-layout://${into}@${image.digest}`];
}

/** The state in a bundle. @throws {BktuiError} "usage" where there is none. */
export async function stateBuild(
  path: string,
  { bundle }: RecordSource,
  asked: OpenRun & Waiting & { readonly line: OpenLine },
): Promise<RecordBuild> {
  if (bundle?.hasState !== true)
    throw usageError(
      `${visibleLine(path)} has no state in it`,
      "a bundle gets it by bundle FILE --state; without --state its record is shown",
    );
  const directory = await mkdtemp(join(tmpdir(), "bktui-bundle-"));
  try {
    const copy = join(directory, "state.tar");
    await bundle.unpackState(copy, asked);
    const image = await asked.openFile(copy, asked);
    if (!("unpack" in image))
      throw new BktuiError("bad-request", `the state in ${visibleLine(path)} is no image`);
    const load = `tar xOf ${quote(path)} bktui/state.tar | docker load`;
    const build = await imageBuild({ name: path, image, labels: image.labels }, asked, load);
    return { ...build, options: toldFirst(bundle.about, build.options) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
