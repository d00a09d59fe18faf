/** Zip and tar archives made byte by byte, so that tests can make odd and damaged ones. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string | Buffer;
  readonly bytes?: Buffer;
  readonly deflate?: boolean;
  readonly zip64?: boolean; // sizes and offset in the extra field
  readonly utf8?: boolean; // marks the name as UTF-8
  /** Written over what would be right, in the list and before the member. */
  readonly lie?: {
    size?: number;
    stored?: number;
    crc?: number;
    method?: number;
    flags?: number;
    offset?: number;
  };
  readonly unixMode?: number;
}

const u16 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16LE(value, i * 2));
  return bytes;
};
const u32 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
  return bytes;
};
const u64 = (...values: (number | bigint)[]) => {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => bytes.writeBigUInt64LE(BigInt(value), i * 8));
  return bytes;
};

/** `count`: members the end record speaks of, when not as many as there are. */
export function zipOf(parts: readonly ZipPart[], { zip64 = false, count = parts.length } = {}): Buffer {
  const body: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const { bytes = Buffer.alloc(0), lie = {} } = part;
    const name = Buffer.from(part.name as string);
    const packed = part.deflate ? deflateRawSync(bytes) : bytes;
    const flags = lie.flags ?? (part.utf8 ? 0x800 : 0);
    const common = Buffer.concat([
      u16(flags, lie.method ?? (part.deflate ? 8 : 0), 0, 0x21),
      u32(lie.crc ?? crc32(bytes)),
    ]);
    const [stored, size] = [lie.stored ?? packed.length, lie.size ?? bytes.length];
    const [place, limit] = [lie.offset ?? offset, 0xffffffff];
    const sizes = part.zip64 ? u32(limit, limit) : u32(stored, size);
    const extra = part.zip64 ? Buffer.concat([u16(1, 24), u64(size, stored, place)]) : Buffer.alloc(0);
    const local = [u32(0x04034b50), u16(20), common, sizes, u16(name.length, 0), name, packed];
    body.push(...local);
    list.push(
      u32(0x02014b50),
      u16((3 << 8) | 20, 20),
      common,
      sizes,
      u16(name.length, extra.length, 0, 0, 0),
    );
    list.push(u32(((part.unixMode ?? 0o100644) << 16) >>> 0, part.zip64 ? limit : place), name, extra);
    offset += Buffer.concat(local).length;
  }
  const listBytes = Buffer.concat(list);
  const end64 = zip64
    ? [
        u32(0x06064b50),
        u64(44),
        u16(45, 45),
        u32(0, 0),
        u64(count, count, listBytes.length, offset),
        u32(0x07064b50, 0),
        u64(offset + listBytes.length),
        u32(1),
      ]
    : [];
  const counts = zip64 ? u16(0xffff, 0xffff) : u16(count % 65536, count % 65536);
  const end = [
    u32(0x06054b50),
    u16(0, 0),
    counts,
    u32(listBytes.length, zip64 ? 0xffffffff : offset),
    u16(0),
  ];
  return Buffer.concat([...body, listBytes, ...end64, ...end]);
}

export interface TarPart {
  readonly name: string | Buffer;
  readonly bytes?: Buffer;
  readonly type?: string; // '0' file
  readonly link?: string;
  readonly size?: number; // written instead of the length of the bytes
  readonly prefix?: string;
  readonly gnu?: boolean;
  readonly binarySize?: boolean; // base 256, for 8 GiB and more
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

export function tarHeader(part: TarPart): Buffer {
  const header = Buffer.alloc(512);
  Buffer.from(part.name as string).copy(header, 0, 0, 100);
  for (const [value, place] of [
    ['0000644', 100],
    ['0000000', 108],
    ['0000000', 116],
    ['00000000000', 136],
  ] as const)
    header.write(value, place);
  const size = part.size ?? part.bytes?.length ?? 0;
  if (part.binarySize) {
    header[124] = 0x80;
    header.writeUIntBE(size, 130, 6);
  } else header.write(size.toString(8).padStart(11, '0'), 124);
  header.write(part.type ?? '0', 156);
  header.write(part.link ?? '', 157);
  header.write(part.gnu ? 'ustar  ' : 'ustar', 257);
  if (!part.gnu) header.write('00', 263);
  header.write(part.prefix ?? '', 345);
  return withChecksum(header);
}

export function withChecksum(header: Buffer): Buffer {
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function tarOf(parts: readonly TarPart[], { end = true } = {}): Buffer {
  const blocks = parts.flatMap((part) => [tarHeader(part), padded(part.bytes ?? Buffer.alloc(0))]);
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

export function paxRecords(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`);
      let length = rest.length;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}
