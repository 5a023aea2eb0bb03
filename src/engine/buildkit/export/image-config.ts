/** The configuration of an image of a state: it runs as the step would, with a shell in place of a command. Pure. */
import { BktuiError } from "../../../base/errors.ts";
import type { StateImage } from "../../outputs.ts";

/** In each image of a state, and nowhere in the state itself. */
export const NOTES_DIRECTORY = "/.bktui";
export const HISTORY_NAME = "history";

/**
 * @param frontend what the frontend said of the target's image: only its platform counts
 * @param options.layers "one": history is the failed command's; else the engine writes what it knows of the layers
 */
export function imageConfig(
  image: StateImage,
  frontend: Uint8Array | undefined,
  { atSeconds, layers }: { readonly atSeconds: number | undefined; readonly layers: "one" | "several" },
): Uint8Array {
  const created = new Date(atSeconds === undefined ? Date.now() : atSeconds * 1000).toISOString();
  const history = { created, created_by: image.instruction, comment: "state of a step, exported by bktui" };
  const config = {
    ...platformOf(frontend),
    created,
    config: {
      ...(image.user === "" ? {} : { User: image.user }),
      Env:
        image.command === undefined
          ? image.env
          : [...image.env, `HISTFILE=${NOTES_DIRECTORY}/${HISTORY_NAME}`],
      Entrypoint: image.entrypoint,
      WorkingDir: image.directory === "" ? "/" : image.directory,
      Labels: image.labels,
    },
    rootfs: { type: "layers", diff_ids: null },
    ...(layers === "one" ? { history: [history] } : {}),
  };
  return Buffer.from(JSON.stringify(config));
}

function platformOf(frontend: Uint8Array | undefined): Readonly<Record<string, string>> {
  const known: unknown = frontend === undefined ? {} : parsed(frontend);
  const text = (name: string): string | undefined => {
    const value = typeof known === "object" && known !== null ? Reflect.get(known, name) : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const variant = text("variant");
  return {
    architecture: text("architecture") ?? "amd64",
    os: text("os") ?? "linux",
    ...(variant === undefined ? {} : { variant }),
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw new BktuiError("engine", "the engine sent an image configuration that is no JSON", {
      cause: error,
    });
  }
}
