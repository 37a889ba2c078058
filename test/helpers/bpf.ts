/** Object files of eBPF, made without a compiler: `tc` and `ip` load them as they load what clang makes. */

/** An instruction as the kernel reads it (Documentation/bpf/standardization/instruction-set.rst). */
export type Instruction = readonly [
  code: number,
  to: number,
  from: number,
  offset: number,
  value: number,
];

const move = (to: number, from: number): Instruction => [0xbf, to, from, 0, 0];
const result = (value: number): Instruction => [0xb7, 0, 0, 0, value];
const exit: Instruction = [0x95, 0, 0, 0, 0];

/** Where the header of IPv4 says the protocol, in a frame of Ethernet; 1 is ICMP. */
const protocolAt = 23;

/** For tc (linux/pkt_cls.h: 0 is TC_ACT_OK, 2 TC_ACT_SHOT). */
export const tcPrograms = {
  passes: [result(0), exit],
  dropsPings: [
    move(6, 1),
    [0x30, 0, 0, 0, protocolAt],
    ...[[0x55, 0, 0, 2, 1] as const, result(2), exit],
    ...[result(0), exit],
  ],
} as const satisfies Record<string, readonly Instruction[]>;

/** For XDP (linux/bpf.h: 1 is XDP_DROP, 2 XDP_PASS), which may look only at what is there. */
export const xdpPrograms = {
  passes: [result(2), exit],
  dropsPings: [
    [0x61, 2, 1, 0, 0],
    [0x61, 3, 1, 4, 0],
    move(4, 2),
    [0x07, 4, 0, 0, protocolAt + 1],
    [0x2d, 4, 3, 4, 0],
    [0x71, 5, 2, protocolAt, 0],
    ...[[0x55, 5, 0, 2, 1] as const, result(1), exit],
    ...[result(2), exit],
  ],
} as const satisfies Record<string, readonly Instruction[]>;

/** A relocatable ELF file with one program in a section. */
export function bpfObject(
  section: string,
  name: string,
  instructions: readonly Instruction[],
): Buffer {
  const code = Buffer.concat(instructions.map(encoded));
  const names = [".strtab", section, "license", ".symtab", name];
  const strings = Buffer.from(`\0${names.map((one) => `${one}\0`).join("")}`, "latin1");
  const at = (one: string) => strings.indexOf(`\0${one}\0`, 0, "latin1") + 1;
  const license = Buffer.from("GPL\0", "latin1");
  const symbols = Buffer.alloc(48);
  symbols.writeUInt32LE(at(name), 24);
  // Global, a function, in the second section.
  symbols.set([0x12, 0, 2, 0], 28);
  symbols.writeBigUInt64LE(BigInt(code.length), 40);
  const bodies = [strings, code, license, symbols].map(padded);
  const offsets = bodies.map(
    (_, index) => 64 + bodies.slice(0, index).reduce((sum, { length }) => sum + length, 0),
  );
  const headers = [
    Buffer.alloc(64),
    header({ name: at(".strtab"), type: 3, offset: offsets[0], size: strings.length }),
    header({ name: at(section), type: 1, flags: 6, offset: offsets[1], size: code.length }),
    header({ name: at("license"), type: 1, offset: offsets[2], size: license.length }),
    header({
      ...{ name: at(".symtab"), type: 2, offset: offsets[3], size: symbols.length },
      ...{ link: 1, info: 1, entry: 24 },
    }),
  ];
  const start = 64 + bodies.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([fileHeader(start, headers.length), ...bodies, ...headers]);
}

function encoded([code, to, from, offset, value]: Instruction): Buffer {
  const buffer = Buffer.from([code, (from << 4) | to, 0, 0, 0, 0, 0, 0]);
  buffer.writeInt16LE(offset, 2);
  buffer.writeInt32LE(value, 4);
  return buffer;
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

interface Section {
  readonly name: number;
  readonly type: number;
  readonly flags?: number;
  readonly offset: number | undefined;
  readonly size: number;
  readonly link?: number;
  readonly info?: number;
  readonly entry?: number;
}

function header(section: Section): Buffer {
  const { name, type, flags = 0, offset = 0, size, link = 0, info = 0, entry = 0 } = section;
  const buffer = Buffer.alloc(64);
  buffer.writeUInt32LE(name, 0);
  buffer.writeUInt32LE(type, 4);
  buffer.writeBigUInt64LE(BigInt(flags), 8);
  buffer.writeBigUInt64LE(BigInt(offset), 24);
  buffer.writeBigUInt64LE(BigInt(size), 32);
  buffer.writeUInt32LE(link, 40);
  buffer.writeUInt32LE(info, 44);
  buffer.writeBigUInt64LE(8n, 48);
  buffer.writeBigUInt64LE(BigInt(entry), 56);
  return buffer;
}

/** 64 bits, little endian, relocatable, for the machine 247, which is BPF. */
function fileHeader(sections: number, count: number): Buffer {
  const buffer = Buffer.alloc(64);
  buffer.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  buffer.writeUInt16LE(1, 16);
  buffer.writeUInt16LE(247, 18);
  buffer.writeUInt32LE(1, 20);
  buffer.writeBigUInt64LE(BigInt(sections), 40);
  buffer.writeUInt16LE(64, 52);
  buffer.writeUInt16LE(64, 58);
  buffer.writeUInt16LE(count, 60);
  buffer.writeUInt16LE(1, 62);
  return buffer;
}
