import { expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { userIn } from "../../../../src/dap/listen/peer.ts";
import { parseListenPlace } from "../../../../src/dap/listen/place.ts";

test.each([
  ["unix:app", { kind: "name", name: "app" }],
  ["app", { kind: "name", name: "app" }],
  ["", { kind: "name", name: "" }],
  ["unix:", { kind: "name", name: "" }],
  ["unix:/run/x.sock", { kind: "path", path: "/run/x.sock" }],
  ["unix:///run/x.sock", { kind: "path", path: "/run/x.sock" }],
  ["/run/x.sock", { kind: "path", path: "/run/x.sock" }],
  ["tcp:127.0.0.1:0", { kind: "tcp", host: "127.0.0.1", port: 0 }],
  ["tcp://localhost:4711", { kind: "tcp", host: "127.0.0.1", port: 4711 }],
  ["tcp:[::1]:0", { kind: "tcp", host: "::1", port: 0 }],
  ["tcp:4711", { kind: "tcp", host: "127.0.0.1", port: 4711 }],
])("%j", (text, place) => {
  expect(parseListenPlace(text)).toEqual(place);
});

test.each([
  ["tcp:0.0.0.0:0", /other machines could reach it/],
  ["tcp:[::]:0", /other machines could reach it/],
  ["tcp:192.168.0.1:80", /other machines could reach it/],
  ["tcp:example.com:80", /other machines could reach it/],
  ["tcp:127.0.0.1", /no address to listen at/],
  ["tcp:127.0.0.1:65536", /no address to listen at/],
  ["tcp:", /no address to listen at/],
  ["unix:a/b", /begins with \//],
  ["\u001b[2J/x", /begins with \//],
])("S35 · %j is refused", (text, why) => {
  expect(() => parseListenPlace(text)).toThrow(BktuiError);
  expect(() => parseListenPlace(text)).toThrow(why);
  expect(() => parseListenPlace(text)).not.toThrow("\u001b");
});

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

test("the user of a peer is that of the socket whose ends are the other way round", () => {
  const table = `${HEAD}   0: 0100007F:1267 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:1267 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0100007F:D431 0100007F:1267 01 00000000:00000000 00:00000000 00000000 65534        0 3 1
`;
  const ends = {
    family: "IPv4",
    remoteAddress: "127.0.0.1",
    remotePort: 0xd431,
    localAddress: "127.0.0.1",
    localPort: 0x1267,
  } as const;
  expect(userIn(table, ends, "LE")).toBe(65_534);
  expect(userIn(table, { ...ends, remotePort: 1 }, "LE")).toBeUndefined();
  expect(userIn(table.replaceAll("0100007F", "7F000001"), ends, "BE")).toBe(65_534);
  expect(userIn("", ends, "LE")).toBeUndefined();
  const six = "00000000000000000000000001000000";
  const table6 = `${HEAD}   0: ${six}:D431 ${six}:1267 01 00000000:00000000 00:00000000 00000000  1000        0 3 1\n`;
  expect(userIn(table6, { ...ends, family: "IPv6", remoteAddress: "::1", localAddress: "::1" }, "LE")).toBe(
    1000,
  );
});
