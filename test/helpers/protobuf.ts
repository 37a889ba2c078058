/** A message of protocol buffers by the numbers of its fields ("Encoding" of their documentation). */
export interface Message {
  has(field: number): boolean;
  number(field: number): number;
  text(field: number): string;
  texts(field: number): string[];
  messages(field: number): Message[];
}

/** @throws Error when the bytes are no message */
export function decode(bytes: Buffer): Message {
  const found = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  const skip = (size: number) => {
    at += size;
    return bytes.subarray(at - size, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key % 8;
    const value = wire === 0 ? varint() : skip(wire === 2 ? varint() : wire === 1 ? 8 : 4);
    const field = Math.floor(key / 8);
    found.set(field, [...(found.get(field) ?? []), value]);
  }
  const buffers = (field: number) =>
    (found.get(field) ?? []).filter((one): one is Buffer => typeof one !== "number");
  return {
    has: (field) => found.has(field),
    number: (field) => (found.get(field) ?? []).reduce<number>((_, one) => Number(one), 0),
    text: (field) => buffers(field).at(-1)?.toString() ?? "",
    texts: (field) => buffers(field).map(String),
    messages: (field) => buffers(field).map(decode),
  };
}
