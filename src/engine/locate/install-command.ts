/** The command that gets an engine onto this system. */
import type { OsRelease } from "../private/system/os-release.ts";

/**
 * One command that gives this system an engine its user may use; undefined where we know none.
 * Tried on Debian 12 only.
 */
export function installCommand(platform: string, os: OsRelease, isRoot: boolean): string | undefined {
  if (platform === "darwin") return "brew install colima docker && colima start";
  if (platform !== "linux") return undefined;
  const steps = [os.id, ...os.like]
    .map((family) => STEPS_OF.get(family))
    .find((found) => found !== undefined);
  if (steps === undefined) return undefined;
  if (isRoot) return steps.join(" && ");
  // The group gives access to the socket; newgrp makes it count in this terminal without a new login.
  return [...steps.map((step) => `sudo ${step}`), 'sudo usermod -aG docker "$USER"', "newgrp docker"].join(
    " && ",
  );
}

const DEBIAN = ["apt-get install -y --no-install-recommends docker.io"];
const FEDORA = ["dnf install -y moby-engine", "systemctl enable --now docker"];

const STEPS_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ["debian", DEBIAN],
  ["ubuntu", DEBIAN],
  ["fedora", FEDORA],
  ["rhel", FEDORA],
  ["arch", ["pacman -S --noconfirm docker", "systemctl enable --now docker"]],
  ["alpine", ["apk add docker", "rc-service docker start"]],
  ["suse", ["zypper install -y docker", "systemctl enable --now docker"]],
]);
