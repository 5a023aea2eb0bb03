/** Layers of configuration -> the effective settings, and where each came from. Pure. */

import { DEFAULT_SETTINGS, type KeySetting, type Settings } from "../../console/settings.ts";
import { type OnErrorChoice, onErrorText } from "../../console/values/on-error.ts";
import type { ConfigLayer } from "./read-config.ts";
import type { Config } from "./schema.ts";

/** One setting as `bktui config` prints it. */
export interface Origin {
  readonly key: string;
  /** As it would be written in the file; undefined = not set. */
  readonly value: unknown;
  readonly from: string;
}

export interface Effective {
  readonly settings: Settings;
  /** What the files set for the build; options come first. */
  readonly build: Pick<Config, "target" | "break" | "platform">;
  readonly origins: readonly Origin[];
}

/** @param layers the strongest first */
export function effectiveSettings(layers: readonly ConfigLayer[]): Effective {
  const taker = new Taker(layers);
  const { ui, shell, engine, confirm, notify } = DEFAULT_SETTINGS;
  const settings: Settings = {
    ui: {
      theme: taker.take("ui.theme", (config) => config.ui?.theme, ui.theme),
      ascii: taker.take("ui.ascii", (config) => config.ui?.ascii, ui.ascii),
      mouse: taker.take("ui.mouse", (config) => config.ui?.mouse, ui.mouse),
      animations: taker.take("ui.animations", (config) => config.ui?.animations, ui.animations),
      start: taker.take("ui.start", (config) => config.ui?.start, ui.start),
      lowerPane: taker.take("ui.lower_pane", (config) => config.ui?.lower_pane, ui.lowerPane),
      editor: taker.take("ui.editor", (config) => config.ui?.editor, ui.editor),
    },
    shell: {
      command: taker.take("shell.command", (config) => config.shell?.command, shell.command),
      debugImage: taker.take<string | undefined>(
        "shell.debug_image",
        (config) => config.shell?.debug_image,
        shell.debugImage,
      ),
      leave: taker.take("shell.leave", (config) => config.shell?.leave, shell.leave),
      prompt: taker.take("shell.prompt", (config) => config.shell?.prompt, shell.prompt),
      confirmMultilinePaste: taker.take(
        "shell.confirm_multiline_paste",
        (config) => config.shell?.confirm_multiline_paste,
        shell.confirmMultilinePaste,
      ),
      scrollback: taker.take("shell.scrollback", (config) => config.shell?.scrollback, shell.scrollback),
      clipboard: taker.take("shell.clipboard", (config) => config.shell?.clipboard, shell.clipboard),
    },
    build: onError(taker),
    engine: {
      patienceMs: taker.take(
        "engine.patience",
        (config) => config.engine?.patience,
        engine.patienceMs,
        (ms) => (ms === 0 ? "0" : secondsOrLess(ms)),
      ),
    },
    confirm: {
      quit: taker.take("confirm.quit", (config) => config.confirm?.quit, confirm.quit),
      closeShell: taker.take(
        "confirm.close_shell",
        (config) => config.confirm?.close_shell,
        confirm.closeShell,
      ),
      overwrite: taker.take("confirm.overwrite", (config) => config.confirm?.overwrite, confirm.overwrite),
    },
    notify: {
      afterMs: taker.take("notify.after", (config) => config.notify?.after, notify.afterMs, secondsOrLess),
      how: taker.take("notify.how", (config) => config.notify?.how, notify.how),
      silentAfterMs: taker.take(
        "notify.silent_after",
        (config) => config.notify?.silent_after,
        notify.silentAfterMs,
        secondsOrLess,
      ),
    },
    keys: keySettings(taker),
  };
  const wanted = {
    target: taker.take<string | undefined>("target", (config) => config.target, undefined),
    break: taker.take<string[] | undefined>("break", (config) => config.break, undefined),
    platform: taker.take<string | undefined>("platform", (config) => config.platform, undefined),
  };
  return { settings, build: wanted, origins: taker.origins };
}

class Taker {
  readonly origins: Origin[] = [];
  readonly layers: readonly ConfigLayer[];

  constructor(layers: readonly ConfigLayer[]) {
    this.layers = layers;
  }

  /** The value of the strongest layer that has one. */
  take<T>(
    key: string,
    of: (config: Config) => T | undefined,
    fallback: T,
    shown: (value: T) => unknown = (value) => value,
  ): T {
    for (const layer of this.layers) {
      const value = of(layer.config);
      if (value === undefined) continue;
      this.origins.push({ key, value: shown(value), from: layer.from(key) });
      return value;
    }
    this.origins.push({ key, value: fallback === undefined ? undefined : shown(fallback), from: "default" });
    return fallback;
  }
}

function onError(taker: Taker): Settings["build"] {
  const { onError: action, waitMs } = DEFAULT_SETTINGS.build;
  const usual: OnErrorChoice = { action, waitMs };
  const chosen = taker.take("build.on_error", (config) => config.build?.on_error, usual, onErrorText);
  return { onError: chosen.action, waitMs: chosen.waitMs, script: chosen.script };
}

/** Commands that any layer has keys for; a stronger layer replaces all keys of a command. */
function keySettings(taker: Taker): readonly KeySetting[] {
  const commands = new Set(taker.layers.flatMap(({ config }) => Object.keys(config.keys ?? {})));
  return [...commands].map((command) => {
    const keys = taker.take(`keys.${command}`, (config) => config.keys?.[command], []);
    return { command, keys, from: taker.origins.at(-1)?.from ?? "" };
  });
}

function secondsOrLess(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
