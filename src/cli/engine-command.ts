/** `bktui engine`: how it is spelled. */
import { Command, Option } from "commander";
import { unreachable } from "../base/errors.ts";
import { debugOption } from "./options/debug-option.ts";
import { oneOf } from "./options/one-of.ts";

/** Options of `engine`; only `start` has any. */
export interface EngineStartOptions {
  readonly kind: "auto" | "dockerd" | "buildkitd";
  readonly suite?: "sid" | "trixie" | "bookworm";
  /** `--delve[=HOST:PORT]`. */
  readonly delve?: string;
  readonly containerdStore?: boolean;
}

export type EngineAction = "start" | "stop" | "status" | "purge";

/** @param styled gives a command its help */
export function engineCommands(
  act: (action: EngineAction, options: EngineStartOptions) => void,
  styled: (command: Command) => Command,
): Command {
  const engine = styled(new Command("engine"))
    .description("Start, stop and look at bktui's own private engine")
    .usage("COMMAND")
    .helpCommand(false);
  for (const action of ["start", "stop", "status", "purge"] as const) {
    const command = styled(new Command(action))
      .description(describe(action))
      .usage("[OPTIONS]")
      .addOption(debugOption())
      .action((options: EngineStartOptions) => act(action, options));
    engine.addCommand(command);
    if (action === "start")
      command
        .addOption(oneOf("--kind <kind>", "what to start", ["auto", "dockerd", "buildkitd"]).default("auto"))
        .addOption(
          oneOf("--suite <suite>", "Debian suite to take packages from", ["sid", "trixie", "bookworm"]),
        )
        .addOption(
          new Option(
            "--delve [address]",
            "debug the engine with an installed dlv (at 127.0.0.1:5000)",
          ).preset("127.0.0.1:5000"),
        )
        .addOption(
          new Option(
            "--containerd-store",
            "a dockerd that keeps images in containerd's store: of several platforms too",
          ),
        );
  }
  return engine;
}

function describe(action: EngineAction): string {
  switch (action) {
    case "start":
      return "Start it, or say where it runs";
    case "stop":
      return "Stop it; its build cache stays";
    case "status":
      return "Say whether it runs, where and which version";
    case "purge":
      return "Stop it and delete its build cache; downloaded packages stay";
    default:
      return unreachable(action);
  }
}
