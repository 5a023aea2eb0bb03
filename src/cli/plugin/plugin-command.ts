/** `bktui plugin`: how it is spelled. */
import { Command, Option } from "commander";
import { unreachable } from "../../base/errors.ts";
import { debugOption } from "../options/debug-option.ts";

export type PluginAction = "install" | "remove" | "status";

/** Options of `plugin`; only `install` has any. */
export interface PluginOptions {
  readonly dap?: true;
}

/** @param styled gives a command its help */
export function pluginCommands(
  act: (action: PluginAction, options: PluginOptions) => void,
  styled: (command: Command) => Command,
): Command {
  const plugin = styled(new Command("plugin"))
    .description("Put bktui where docker's editors look for docker buildx dap")
    .usage("COMMAND")
    .helpCommand(false);
  for (const action of ["install", "remove", "status"] as const) {
    const command = styled(new Command(action))
      .description(describe(action))
      .usage("[OPTIONS]")
      .addOption(debugOption())
      .action((options: PluginOptions) => act(action, options));
    if (action === "install")
      command.addOption(
        new Option("--dap", "docker buildx dap is bktui dap; all else goes to docker's own buildx"),
      );
    plugin.addCommand(command);
  }
  return plugin;
}

function describe(action: PluginAction): string {
  switch (action) {
    case "install":
      return "Put a script before docker's buildx plugin, for this user";
    case "remove":
      return "Take the script away; docker's plugin is as it was";
    case "status":
      return "Say whether it is there and what it starts";
    default:
      return unreachable(action);
  }
}
