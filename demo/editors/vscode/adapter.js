/** What the extension decides, without VS Code: which program is the adapter, and what a launch entry leaves out. */

const TYPE = "bktui";

/**
 * The program that speaks the Debug Adapter Protocol: of a launch one that builds, of an attach one that leads to a bktui which waits
 * for editors. The entry itself is sent to it by VS Code, so its keys are not words here.
 * @param {{ path?: string, folder?: string, entry: Record<string, any> }} of `path`: setting bktui.path; `folder`: of the workspace
 * @returns {{ command: string, args: string[], options: { cwd?: string } }}
 */
function adapterCommand({ path, folder, entry }) {
  const directory = entry.cwd || folder;
  const attach = ["dap", "attach", ...(entry.server ? [entry.server] : [])];
  return {
    command: path || "bktui",
    args: entry.request === "attach" ? attach : ["dap", "build"],
    options: directory ? { cwd: directory } : {},
  };
}

/**
 * VS Code says nothing where a program cannot be found.
 * @param {string} command
 * @param {{ path?: string, exists: (file: string) => boolean }} of `path`: the variable PATH
 * @returns {string | undefined} in words for its user; undefined: it is there
 */
function whyMissing(command, { path = "", exists }) {
  const isName = !/[/\\]/.test(command);
  const files = isName ? path.split(":").map((directory) => `${directory}/${command}`) : [command];
  if (files.some(exists)) return undefined;
  const where = isName ? "is not on the PATH of VS Code's extensions" : "is not there";
  return `bktui: ${command} ${where}. Install it, or set bktui.path to the program (to dist/bktui.js in a clone).`;
}

/**
 * A launch entry as it is sent. One of type "dockerfile" has the same keys. F5 without an entry debugs the Dockerfile that is
 * open, from its first step.
 * @param {Record<string, unknown>} entry
 * @param {{ file?: string, folder?: string }} open the Dockerfile in the editor, the workspace
 * @returns {Record<string, unknown> | undefined} undefined: there is nothing to debug
 */
function completeEntry(entry, { file, folder }) {
  if (entry.request === "attach") return entry;
  const isEmpty = !entry.type && !entry.request && !entry.name;
  if (!isEmpty) {
    const has =
      entry.contextPath || entry.context || entry.bake || entry.llb || (entry.args ?? []).length > 0;
    return has || !folder ? entry : { ...entry, contextPath: folder };
  }
  if (!file) return undefined;
  return {
    type: TYPE,
    request: "launch",
    name: "bktui: this Dockerfile",
    dockerfile: file,
    contextPath: folder || directoryOf(file),
    stopOnEntry: true,
  };
}

/** @param {string} file */
function directoryOf(file) {
  const end = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  return end > 0 ? file.slice(0, end) : "/";
}

module.exports = { TYPE, adapterCommand, completeEntry, whyMissing };
