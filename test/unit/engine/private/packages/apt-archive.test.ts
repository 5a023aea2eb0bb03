import { describe, expect, test } from "vitest";
import {
  engineSuites,
  findArchive,
  withUpdates,
} from "../../../../../src/engine/private/packages/apt-archive.ts";
import { parseOsRelease } from "../../../../../src/engine/private/system/os-release.ts";

const debian = parseOsRelease(
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
);
const ubuntu = parseOsRelease("ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n");

describe("finding the distribution's archive", () => {
  test("takes the archive, never the security or a foreign one", () => {
    const own = [
      "Types: deb",
      "URIs: http://deb.debian.org/debian-security",
      "Suites: bookworm-security",
      "Components: main",
      "",
      "Types: deb",
      "# a comment",
      "URIs: http://mirror.example/debian http://second.example/debian",
      "Suites: bookworm bookworm-updates",
      "Components: main contrib",
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
    ];
    const sources = [
      {
        name: "node.list",
        text: "deb [signed-by=/k.gpg] https://deb.nodesource.com/node_20.x nodistro main\n",
      },
      { name: "debian.sources", text: own.join("\n") },
    ];
    expect(findArchive(debian, sources)).toEqual({
      uri: "http://mirror.example/debian",
      signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
    });
  });

  test("reads one-line sources and leaves out what is commented or switched off", () => {
    const lines = [
      "# deb http://old.example/debian bookworm main",
      "deb-src http://source.example/debian bookworm main",
      "deb [arch=amd64 signed-by=/k.gpg] http://here.example/debian stable main contrib # local",
    ];
    const off =
      "Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n";
    const sources = [
      { name: "off.sources", text: off },
      { name: "sources.list", text: lines.join("\n") },
    ];
    expect(findArchive(debian, sources)).toEqual({ uri: "http://here.example/debian", signedBy: "/k.gpg" });
  });

  test("a key written into the source itself is left to apt's trusted keys", () => {
    const text =
      "Types: deb\nURIs: http://a.example/ubuntu\nSuites: noble\nComponents: main\nSigned-By:\n -----BEGIN PGP\n";
    expect(findArchive(ubuntu, [{ name: "u.sources", text }])).toEqual({
      uri: "http://a.example/ubuntu",
      signedBy: undefined,
    });
  });

  test("is undefined when apt knows only other suites", () => {
    const sources = [{ name: "sources.list", text: "deb http://a.example/ubuntu jammy main\n" }];
    expect(findArchive(ubuntu, sources)).toBeUndefined();
  });
});

describe("suites an engine is taken from", () => {
  test("Debian offers its newest first, whatever the machine's own suite is", () => {
    expect(engineSuites(debian)).toEqual(["sid", "trixie", "bookworm"]);
  });

  test("Ubuntu offers its own suite with its updates", () => {
    expect(engineSuites(ubuntu)).toEqual(["noble"]);
    expect(withUpdates(ubuntu, "noble")).toEqual(["noble", "noble-updates"]);
  });
});
