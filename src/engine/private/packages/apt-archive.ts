/** Where the apt of a Debian-like system gets packages from. Pure: text in, facts out. */
import type { OsRelease } from "../system/os-release.ts";

/** A package archive as the machine's own apt uses it. */
export interface Archive {
  readonly uri: string;
  /** Keyring path or fingerprint list, as in the source's own Signed-By; undefined = apt's trusted keys. */
  readonly signedBy: string | undefined;
}

/** Suites whose engine may run here, newest first. */
export function engineSuites(os: OsRelease): readonly string[] {
  if (os.id === "debian") return ["sid", "trixie", "bookworm"];
  return os.codename === "" ? [] : [os.codename];
}

/** Components of the archive that hold docker.io and what it needs. */
export function componentsOf(os: OsRelease): string {
  return os.id === "debian" ? "main" : "main universe";
}

/** The suite and where its later versions come; Debian's point releases change the suite itself. */
export function withUpdates(os: OsRelease, suite: string): readonly string[] {
  return os.id === "debian" ? [suite] : [suite, `${suite}-updates`];
}

/**
 * The archive of the distribution itself among the machine's apt sources.
 * @param sources contents of sources.list and sources.list.d/*.list and *.sources
 */
export function findArchive(
  os: OsRelease,
  sources: readonly { readonly name: string; readonly text: string }[],
): Archive | undefined {
  const aliases =
    os.id === "debian" ? ["stable", "oldstable", "testing", "unstable", "sid", "trixie", "bookworm"] : [];
  const suites = new Set([os.codename, ...aliases].filter((suite) => suite !== ""));
  const all = sources.flatMap(({ name, text }) =>
    name.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text),
  );
  const fits = all.find(
    (source) => source.suites.some((suite) => suites.has(suite)) && source.components.includes("main"),
  );
  return fits === undefined ? undefined : { uri: fits.uri, signedBy: fits.signedBy };
}

interface Source extends Archive {
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** `deb [signed-by=… arch=…] uri suite component…` */
function parseOneLine(text: string): readonly Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line.trim());
    const [, options = "", uri, suite, components = ""] = match ?? [];
    if (uri === undefined || suite === undefined) return [];
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, signedBy, suites: [suite], components: words(components) }];
  });
}

function parseDeb822(text: string): readonly Source[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string): string =>
      new RegExp(`^${name}:(.*)$`, "im").exec(paragraph)?.[1]?.trim() ?? "";
    const uri = words(field("URIs"))[0];
    if (uri === undefined || !words(field("Types")).includes("deb") || /^no$/i.test(field("Enabled")))
      return [];
    const signedBy = field("Signed-By");
    // A key block in the source itself cannot be passed on; apt's trusted keys decide then.
    const usable = signedBy.startsWith("/") ? signedBy : undefined;
    return [
      { uri, signedBy: usable, suites: words(field("Suites")), components: words(field("Components")) },
    ];
  });
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
