/** The files of a state as a list to walk through, for images that have no shell. */
import { posix } from "node:path";
import { byteSize } from "../base/byte-size.ts";
import { sideWord } from "../debugger/shell-launch.ts";
import type { FileEntry, StateSide } from "../engine/engine.ts";
import type { Step } from "../graph/program.ts";
import type { Desk } from "./desk.ts";
import type { OverlayControl } from "./overlay-control.ts";
import { sanitizeLine } from "./sanitize.ts";
import type { Session } from "./session.ts";

interface Place {
  readonly session: Session;
  readonly step: Step;
  readonly side: StateSide;
}

/** An engine that says nothing for so long is not waited for. */
const READ_MS = 15_000;
const SIZE_CELLS = 7;

export class FileBrowser {
  readonly #desk: Desk;
  readonly #overlays: OverlayControl;

  constructor({ desk, overlays }: { readonly desk: Desk; readonly overlays: OverlayControl }) {
    this.#desk = desk;
    this.#overlays = overlays;
  }

  /** Shows the root of the state that is looked at. */
  async open(session: Session): Promise<void> {
    const place = session.shells.place();
    if (place === undefined) this.#desk.say("files: this step has not been reached");
    else await this.#show({ session, ...place }, "/");
  }

  async #show(place: Place, path: string): Promise<void> {
    const { session, step, side } = place;
    const entries = await session.debug.files(step.id, side, { path, signal: AbortSignal.timeout(READ_MS) });
    const go = (to: string): void => this.#desk.background(this.#show(place, to));
    const up = (): void => go(posix.dirname(path));
    const title = `${sideWord(side)} ${sanitizeLine(path, { sgr: "strip", ascii: false })}`;
    this.#overlays.menu(
      title,
      [{ label: path === "/" ? "." : "..", value: UP }, ...entryItems(entries)],
      0,
      (name) => {
        const entry = entries.find((candidate) => candidate.name === name);
        if (entry === undefined) up();
        else if (entry.kind === "directory") go(posix.join(path, name));
        else this.#desk.say(`${posix.join(path, name)}: ${entryLabel(entry)}`);
      },
      up,
    );
  }
}

/** No file has this name. */
const UP = "/";

/** Directories first. */
export function entryItems(
  entries: readonly FileEntry[],
): readonly { readonly label: string; readonly value: string }[] {
  const directories = entries.filter(({ kind }) => kind === "directory");
  const others = entries.filter(({ kind }) => kind !== "directory");
  return [...directories, ...others].map((entry) => ({ label: entryLabel(entry), value: entry.name }));
}

/** `rwxr-xr-x    1.2 MB  busybox`, `rwxr-xr-x          -  etc/`. */
function entryLabel({ name, kind, size, mode }: FileEntry): string {
  const bytes = kind === "file" ? byteSize(size) : "-";
  return `${permissions(mode)} ${bytes.padStart(SIZE_CELLS)}  ${name}${MARKS[kind]}`;
}

const MARKS: Readonly<Record<FileEntry["kind"], string>> = {
  directory: "/",
  file: "",
  link: "@",
  other: "=",
};

function permissions(mode: number): string {
  const flags = "rwxrwxrwx";
  return [...flags].map((flag, index) => ((mode & (0o400 >> index)) === 0 ? "-" : flag)).join("");
}
