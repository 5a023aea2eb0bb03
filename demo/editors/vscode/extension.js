/** The debugger bktui in VS Code: starts `bktui dap build`, and has buttons for what is no button of VS Code. */

const { existsSync } = require("node:fs");
const vscode = require("vscode");
const { TYPE, adapterCommand, completeEntry, whyMissing } = require("./adapter.js");

/** Commands of the extension, and what each types into the debug console. */
const TYPED = {
  "bktui.shell": "exec",
  "bktui.shellBase": "exec base",
  "bktui.shellFailed": "exec failed",
  "bktui.why": "why",
};

/** @type {import("vscode").DebugAdapterDescriptorFactory} */
const adapters = {
  createDebugAdapterDescriptor({ configuration, workspaceFolder }) {
    const { command, args, options } = adapterCommand({
      path: vscode.workspace.getConfiguration("bktui").get("path"),
      folder: workspaceFolder?.uri.fsPath,
      entry: configuration,
    });
    const problem = whyMissing(command, { path: process.env.PATH, exists: existsSync });
    if (problem !== undefined && process.platform !== "win32") throw new Error(problem);
    return new vscode.DebugAdapterExecutable(command, args, options);
  },
};

/** @type {import("vscode").DebugConfigurationProvider} */
const entries = {
  resolveDebugConfiguration(folder, entry) {
    const document = vscode.window.activeTextEditor?.document;
    const open = {
      file: document?.languageId === "dockerfile" ? document.uri.fsPath : undefined,
      folder: (folder ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath,
    };
    const complete = completeEntry(entry, open);
    if (complete === undefined)
      void vscode.window.showInformationMessage("bktui: open a Dockerfile, or add an entry to launch.json");
    return complete;
  },
};

/** @param {string} text */
async function typeIntoConsole(text) {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== TYPE) {
    void vscode.window.showInformationMessage("bktui: no build is debugged");
    return;
  }
  try {
    const answer = await session.customRequest("evaluate", { expression: text, context: "repl" });
    if (answer?.result) vscode.debug.activeDebugConsole.appendLine(answer.result);
  } catch (error) {
    void vscode.window.showErrorMessage(`bktui: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {import("vscode").ExtensionContext} context */
function activate(context) {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory(TYPE, adapters),
    vscode.debug.registerDebugConfigurationProvider(TYPE, entries),
    ...Object.entries(TYPED).map(([command, text]) =>
      vscode.commands.registerCommand(command, () => typeIntoConsole(text)),
    ),
  );
}

module.exports = { activate };
