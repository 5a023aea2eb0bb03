import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { moby } from "#proto";
import { uploadService } from "../../../src/session/upload.ts";
import { SessionPeer } from "../../support/session-peer.ts";

it("an archive is sent as it is, as often as it is asked for, and nothing else", async () => {
  const directory = mkdtempSync(join(tmpdir(), "bktui-upload-"));
  try {
    const path = join(directory, "tar");
    const data = randomBytes(2_500_000);
    writeFileSync(path, data);
    await using peer = new SessionPeer(uploadService(new Map([["id", path]])));
    const pull = async (urlpath: string): Promise<{ readonly code: number; readonly sent: Buffer }> => {
      const call = peer.call("/moby.upload.v1.Upload/Pull", { urlpath, urlhost: "buildkit-session" });
      const { code } = await call.status;
      const pieces = call.messages.map((each) => moby.upload.v1.BytesMessage.decode(each).data);
      return { code, sent: Buffer.concat(pieces) };
    };
    for (const _ of [1, 2]) {
      const { code, sent } = await pull("/id");
      expect([code, sent.equals(data)]).toEqual([0, true]);
    }
    expect(await pull("/../tar")).toMatchObject({ code: 5 });
    expect(await pull("")).toMatchObject({ code: 5 });
    rmSync(path);
    expect((await pull("/id")).code).toBe(2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
