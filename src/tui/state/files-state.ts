/** What the Files pane remembers: which files it lists, what is folded, what is read. Plain data. */

export interface FilesState {
  /** The step whose files are listed, by id; undefined = where the build stands. */
  readonly step: number | undefined;
  /** What the step changed, or everything in the state that is looked at. */
  readonly lists: "changes" | "all";
  readonly order: "path" | "size";
  /** Directories of changes that are folded or unfolded against their beginning, absolute. */
  readonly toggled: ReadonlySet<string>;
  /** Directories that are open in the list of everything, absolute. */
  readonly open: ReadonlySet<string>;
  /** The cursor goes to this path as soon as it is in the list; undefined = it stays where it is. */
  readonly at: string | undefined;
  /** The text below the list, of the file under the cursor; `top` undefined = at its first difference. */
  readonly text: { readonly shown: boolean; readonly top: number | undefined; readonly left: number };
}

const NO_TEXT: FilesState["text"] = { shown: false, top: undefined, left: 0 };

export const initialFiles: FilesState = {
  step: undefined,
  lists: "changes",
  order: "path",
  toggled: new Set(),
  open: new Set(["/"]),
  at: undefined,
  text: NO_TEXT,
};

/** The list of another step, or of another kind, begins folded and at its top. */
export function startedList(
  files: FilesState,
  change: Pick<Partial<FilesState>, "step" | "lists">,
): FilesState {
  return { ...initialFiles, order: files.order, lists: files.lists, step: files.step, ...change };
}

/** With the path put in, or taken out when it was in. */
export function flipped(paths: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const next = new Set(paths);
  if (!next.delete(path)) next.add(path);
  return next;
}
