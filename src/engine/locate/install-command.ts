import type { OsRelease } from "../private/archive.ts";

/** One command that gives this system an engine; undefined where we know none. Tried on Debian only. */
export function installCommand(platform: string, os: OsRelease): string | undefined {
  if (platform === "darwin") return "brew install colima docker && colima start";
  if (platform !== "linux") return undefined;
  return [os.id, ...os.like].map((family) => commands.get(family)).find((command) => command !== undefined);
}

const debian =
  'sudo apt-get install -y --no-install-recommends docker.io && sudo usermod -aG docker "$USER" && newgrp docker';
const fedora =
  'sudo dnf install -y moby-engine && sudo systemctl enable --now docker && sudo usermod -aG docker "$USER"';

const commands: ReadonlyMap<string, string> = new Map([
  ["debian", debian],
  ["ubuntu", debian],
  ["fedora", fedora],
  ["rhel", fedora],
  [
    "arch",
    'sudo pacman -S --noconfirm docker && sudo systemctl start docker && sudo usermod -aG docker "$USER"',
  ],
  ["alpine", "doas apk add docker && doas rc-service docker start"],
  ["suse", 'sudo zypper install -y docker && sudo systemctl start docker && sudo usermod -aG docker "$USER"'],
]);
