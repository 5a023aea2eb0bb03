/** Starts a private engine and ends: `node --import tsx start-engine.ts DIRECTORY SUITE`. Prints nothing. */
import { startPrivateEngine } from "../../src/engine/private/private-engine.ts";

const [directory = "", suite] = process.argv.slice(2);
const options = {
  kind: "dockerd",
  suite,
  directory,
  network: "isolated",
  onProgress: () => undefined,
} as const;
await startPrivateEngine(options, { signal: new AbortController().signal });
