/** The script that stands before docker's buildx plugin: its text, and what it says of itself. Pure. */
import { quote } from "../../base/quote.ts";

/** What a script was written for. */
export interface Wrapper {
  /** Program and first arguments of bktui. */
  readonly command: readonly string[];
  /** The plugin that gets everything else; absolute. */
  readonly real: string;
  /** Name of the file beside it that was in its place before; undefined = none was. */
  readonly kept: string | undefined;
}

const MARK = "# bktui-dap-wrapper 1";
const KEPT_PATTERN = /^# kept: ([a-z0-9.-]+)$/m;
/** More than such a script has: docker's own plugin is megabytes. */
export const LONGEST_WRAPPER = 8192;

/** Options with a value that docker hands on in front of `buildx`, and that of buildx itself. */
const WITH_VALUE = "-c|-H|-l|--context|--host|--log-level|--config|--tlscacert|--tlscert|--tlskey|--builder";

/**
 * docker starts it with the words behind `docker`, its own options among them: `--context far buildx dap build`. A person may
 * start it without docker: `docker-buildx dap build`.
 * @param others where the plugin may be if it is no longer where it was
 */
export function wrapperText({ command, real, kept }: Wrapper, others: readonly string[]): string {
  const [program = "", ...args] = command;
  const script = args.at(-1) ?? program;
  const places = [real, ...others.filter((other) => other !== real)].map(quote);
  return `#!/bin/sh
${MARK}
# Made by "bktui plugin install --dap"; "bktui plugin remove" takes it away.
# kept: ${kept ?? "-"}
bktui=${quote(script)}

# 1 = buildx dap, as docker starts plugins; 2 = dap, as it is typed; 0 = anything else
dap=0
word=
value=
for arg; do
  if [ -n "$value" ]; then value=; continue; fi
  case $arg in
    ${WITH_VALUE}) value=1 ;;
    -*) ;;
    buildx) if [ -n "$word" ]; then break; fi; word=1 ;;
    dap) dap=\${word:-2}; break ;;
    *) break ;;
  esac
done

if [ "$dap" != 0 ]; then
  if [ ! -r "$bktui" ]; then
    echo "bktui is no longer at $bktui: install it again, then: bktui plugin install --dap" >&2
    exit 127
  fi
  if [ "$dap" = 1 ]; then set -- docker "$@"; fi
  exec ${command.map(quote).join(" ")} "$@"
fi

for real in ${places.join(" ")}; do
  if [ -x "$real" ]; then exec "$real" "$@"; fi
done
echo "docker's own buildx plugin is no longer at "${quote(real)}": install it again, or: bktui plugin remove" >&2
exit 127
`;
}

/** Undefined when the text is none of ours. */
export function readWrapper(text: string): { readonly kept: string | undefined } | undefined {
  if (!text.split("\n", 3).includes(MARK)) return undefined;
  const kept = KEPT_PATTERN.exec(text)?.[1];
  return { kept: kept === "-" ? undefined : kept };
}
