/** Files of a state as items: directories can be unfolded, files have their facts and their content. */
import { posix } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { byteSize } from "../../base/words.ts";
import { permissions } from "../../debugger/files/change-words.ts";
import type { FileEntry } from "../../engine/engine.ts";
import type { Branch, FilePlace, Item } from "./branch.ts";
import { branchOf } from "./branch.ts";
import { pieceText } from "./file-pieces.ts";
import { lookedAt, type StepView, viewOf } from "./step-view.ts";

/** A directory that is asked for when it is unfolded. */
export function directoryBranch({ session }: Pick<StepView, "session">, files: FilePlace): Branch {
  return {
    key: keyOf(files),
    shape: "indexed",
    thread: files.thread,
    files,
    list: async (_page, signal) => {
      const view = viewOf(session, files);
      const entries = await session.looked.directory(lookedAt(view, files.side), files.path, signal);
      return entries.map((entry) => fileItem(view, files, entry));
    },
  };
}

/** What is at a path. @throws {BktuiError} "not-found", "not-now". */
export async function itemAt(view: StepView, place: FilePlace, signal: AbortSignal): Promise<Item> {
  const path = posix.resolve("/", place.path);
  const at = { ...place, path };
  if (path === "/")
    return {
      name: "/",
      value: `${place.side.toUpperCase()} of step ${view.step.id + 1}`,
      type: "directory",
      branch: directoryBranch(view, at),
    };
  const directory = { ...place, path: posix.dirname(path) };
  const side = lookedAt(view, place.side);
  const entries = await view.session.looked.directory(side, directory.path, signal);
  const entry = entries.find(({ name }) => name === posix.basename(path));
  if (entry !== undefined) return fileItem(view, directory, entry);
  throw new BktuiError(
    "not-found",
    `there is no ${path} in ${place.side.toUpperCase()} of step ${view.step.id + 1}`,
  );
}

/** A path with its state, as `evaluate` reads it: "FAILED:/etc/passwd". */
export function placeText({ side, path }: Pick<FilePlace, "side" | "path">): string {
  return `${side.toUpperCase()}:${path}`;
}

function fileItem(view: StepView, directory: FilePlace, entry: FileEntry): Item {
  const place: FilePlace = { ...directory, path: posix.join(directory.path, entry.name) };
  const expression = placeText(place);
  switch (entry.kind) {
    case "directory":
      return {
        name: `${entry.name}/`,
        value: `${permissions(entry.mode)} ${ownerOf(entry)}`,
        type: "directory",
        expression,
        branch: directoryBranch(view, place),
      };
    case "file":
      return {
        name: entry.name,
        value: `${byteSize(entry.size)}  ${permissions(entry.mode)} ${ownerOf(entry)}`,
        type: "file",
        expression,
        branch: fileBranch(view, place, entry),
        memory: place,
      };
    case "link":
      return {
        name: entry.name,
        value: `-> ${entry.target ?? "?"}`,
        type: "link",
        expression,
        branch: branchOf(keyOf(place), place.thread, (hex) => factItems(entry, hex)),
      };
    default:
      return {
        name: entry.name,
        value: `${permissions(entry.mode)} ${ownerOf(entry)}`,
        type: "device, pipe or socket",
        expression,
        branch: branchOf(keyOf(place), place.thread, (hex) => factItems(entry, hex)),
      };
  }
}

function fileBranch({ session }: StepView, place: FilePlace, entry: FileEntry): Branch {
  const key = keyOf(place);
  const content: Branch = {
    key: `${key} content`,
    shape: "named",
    thread: place.thread,
    size: 1,
    list: async (_page, signal) => [await contentItem(viewOf(session, place), place, signal)],
  };
  return branchOf(key, place.thread, (hex) => [
    ...factItems(entry, hex),
    { name: "content", value: "…", type: "text", isLazy: true, branch: content, memory: place },
  ]);
}

/** The text of a file, as far as one answer goes. */
export async function contentItem(view: StepView, place: FilePlace, signal: AbortSignal): Promise<Item> {
  const { text = "no text: its bytes can be read as memory", omitted } = await pieceText(view, place, signal);
  const rest = omitted > 0 ? `\n… ${omitted} bytes more` : "";
  return { name: "content", value: `${text}${rest}`, type: "text", memory: place };
}

function factItems(entry: FileEntry, hex: boolean): readonly Item[] {
  const number = (value: number): string => (hex ? `0x${value.toString(16)}` : String(value));
  const { kind, size, mode, uid = 0, gid = 0, mtimeMs, target } = entry;
  return [
    ...(target === undefined ? [] : [{ name: "target", value: target, type: "path" }]),
    ...(kind === "file" ? [{ name: "size", value: number(size), type: "bytes" }] : []),
    { name: "mode", value: hex ? number(mode) : `0o${mode.toString(8)}`, type: permissions(mode) },
    { name: "uid", value: number(uid), type: "number" },
    { name: "gid", value: number(gid), type: "number" },
    ...(mtimeMs === undefined
      ? []
      : [{ name: "modified", value: new Date(mtimeMs).toISOString(), type: "time" }]),
  ];
}

function ownerOf({ uid = 0, gid = 0 }: FileEntry): string {
  return `${uid}:${gid}`;
}

function keyOf({ thread, step, side, path }: FilePlace): string {
  return `file ${thread} ${step} ${side} ${path}`;
}
