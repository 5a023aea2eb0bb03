/** `:set NAME VALUE`. Pure. */

import type { NotifyHow } from "../../console/settings.ts";
import {
  CLIPBOARD_POLICIES,
  EDITOR_PLACES,
  NOTICE_KINDS,
  type ScreenSettings,
  THEME_NAMES,
} from "./settings.ts";

/** Switches that are no settings: they end with what they switch. */
export type Switch = "wrap" | "color" | "ascii" | "zoom";

export type SetCommand =
  | { readonly kind: "set"; readonly setting: Switch; readonly on: boolean }
  | { readonly kind: "change"; readonly change: Partial<ScreenSettings> }
  | { readonly kind: "unknown"; readonly why: string };

const SWITCHES: readonly Switch[] = ["wrap", "color", "ascii", "zoom"];

/** Name, what may stand behind it, and what that means; undefined = not this. */
const SETTINGS: readonly {
  readonly name: string;
  readonly values: string;
  read(value: string): Partial<ScreenSettings> | undefined;
  /** As it would be typed. */
  now(settings: ScreenSettings): string;
}[] = [
  {
    name: "theme",
    values: THEME_NAMES.join(" | "),
    read: (value) => pick(THEME_NAMES, value, "theme"),
    now: ({ theme }) => theme,
  },
  {
    name: "mouse",
    values: "on | off",
    read: (value) => flag(value, "mouse"),
    now: ({ mouse }) => onOff(mouse),
  },
  {
    name: "animations",
    values: "on | off",
    read: (value) => flag(value, "animations"),
    now: ({ animations }) => onOff(animations),
  },
  {
    name: "clipboard",
    values: CLIPBOARD_POLICIES.join(" | "),
    read: (value) => pick(CLIPBOARD_POLICIES, value, "clipboard"),
    now: ({ clipboard }) => clipboard,
  },
  {
    name: "editor",
    values: EDITOR_PLACES.join(" | "),
    read: (value) => pick(EDITOR_PLACES, value, "editor"),
    now: ({ editor }) => editor,
  },
  {
    name: "notify",
    values: `off, or of ${NOTICE_KINDS.join(" ")}`,
    read: (value) => {
      if (value === "off") return { notify: [] };
      const words = value.split(/[\s,]+/);
      const known = words.filter((word): word is NotifyHow => NOTICE_KINDS.some((kind) => kind === word));
      return known.length === words.length ? { notify: known } : undefined;
    },
    now: ({ notify }) => (notify.length === 0 ? "off" : notify.join(" ")),
  },
  {
    name: "notify-after",
    values: "seconds",
    read: (value) =>
      /^\d{1,6}s?$/.test(value) ? { notifyAfterMs: Number.parseInt(value, 10) * 1000 } : undefined,
    now: ({ notifyAfterMs }) => `${notifyAfterMs / 1000}s`,
  },
  {
    name: "confirm-quit",
    values: "on | off",
    read: (value) => flag(value, "confirmQuit"),
    now: (settings) => onOff(settings.confirmQuit),
  },
  {
    name: "confirm-shell",
    values: "on | off",
    read: (value) => flag(value, "confirmCloseShell"),
    now: (settings) => onOff(settings.confirmCloseShell),
  },
  {
    name: "confirm-overwrite",
    values: "on | off",
    read: (value) => flag(value, "confirmOverwrite"),
    now: (settings) => onOff(settings.confirmOverwrite),
  },
  {
    name: "confirm-paste",
    values: "on | off",
    read: (value) => flag(value, "confirmMultilinePaste"),
    now: (settings) => onOff(settings.confirmMultilinePaste),
  },
];

/** The words behind `:set`. */
export function parseSet(words: readonly string[]): SetCommand {
  const [name = "", ...rest] = words;
  const value = rest.length === 0 ? "on" : rest.join(" ");
  const known = SWITCHES.find((candidate) => candidate === name);
  if (known !== undefined) {
    if (value !== "on" && value !== "off") return { kind: "unknown", why: `:set ${name} on | off` };
    return { kind: "set", setting: known, on: value === "on" };
  }
  const setting = SETTINGS.find((candidate) => candidate.name === name);
  if (setting === undefined) return { kind: "unknown", why: `:set knows ${setNames().join(", ")}` };
  const change = setting.read(value);
  return change === undefined
    ? { kind: "unknown", why: `:set ${name} ${setting.values}` }
    : { kind: "change", change };
}

/** Each setting with its value and those it may have. */
export function setLines({
  settings,
  zoomed,
  log,
}: {
  readonly settings: ScreenSettings;
  readonly zoomed: boolean;
  readonly log: { readonly wrap: boolean };
}): readonly string[] {
  const lines = SETTINGS.map(
    ({ name, values, now }) => `${name.padEnd(17)} ${now(settings).padEnd(14)} ${values}`,
  );
  const switches = [
    `${"zoom".padEnd(17)} ${onOff(zoomed).padEnd(14)} on | off`,
    `${"wrap".padEnd(17)} ${onOff(log.wrap).padEnd(14)} on | off: long lines of the log`,
    `${"color, ascii".padEnd(32)} on | off: this terminal`,
  ];
  return [...lines, ...switches];
}

function onOff(on: boolean): string {
  return on ? "on" : "off";
}

export function setNames(): readonly string[] {
  return [...SETTINGS.map(({ name }) => name), ...SWITCHES];
}

type SwitchName =
  | "mouse"
  | "animations"
  | "confirmQuit"
  | "confirmCloseShell"
  | "confirmOverwrite"
  | "confirmMultilinePaste";

function flag(value: string, name: SwitchName): Partial<ScreenSettings> | undefined {
  return value === "on" || value === "off" ? { [name]: value === "on" } : undefined;
}

function pick<N extends "theme" | "clipboard" | "editor">(
  values: readonly ScreenSettings[N][],
  value: string,
  name: N,
): Partial<ScreenSettings> | undefined {
  const found = values.find((candidate) => candidate === value);
  return found === undefined ? undefined : { [name]: found };
}
