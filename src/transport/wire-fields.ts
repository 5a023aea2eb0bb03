/** Reads and writes the few protobuf messages that the transport itself needs. */
import { BktuiError } from "../base/errors.ts";

/** One field of an encoded protobuf message; fixed-size fields do not occur in the messages read here. */
export type WireField =
  | { readonly number: number; readonly kind: "varint"; readonly value: number }
  | { readonly number: number; readonly kind: "bytes"; readonly value: Uint8Array };

/**
 * The fields of a protobuf message in order. The transport reads two tiny messages with it (`google.rpc.Status` and
 * `BytesMessage`), so that it does not depend on the generated code.
 * @throws {BktuiError} "engine" when the bytes are no protobuf message.
 */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = message[at++];
      if (byte === undefined || weight > 2 ** 63) throw malformed();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, kind: "varint", value: varint() };
        break;
      case 2: {
        const end = varint() + at;
        if (end > message.length) throw malformed();
        yield { number, kind: "bytes", value: message.subarray(at, end) };
        at = end;
        break;
      }
      default:
        throw malformed();
    }
  }
}

/** Encodes a message whose only field is `bytes data = 1`. */
export function encodeBytesMessage(data: Uint8Array): Buffer {
  const head = [0x0a];
  let length = data.length;
  for (; length > 0x7f; length = Math.floor(length / 128)) head.push((length % 128) + 128);
  head.push(length);
  return Buffer.concat([Buffer.from(head), data]);
}

/** Decodes a message whose only field is `bytes data = 1`. */
export function decodeBytesMessage(message: Uint8Array): Uint8Array {
  let data: Uint8Array = new Uint8Array();
  for (const field of wireFields(message)) {
    if (field.number === 1 && field.kind === "bytes") data = field.value;
  }
  return data;
}

function malformed(): BktuiError {
  return new BktuiError("engine", "the engine sent a malformed message");
}
