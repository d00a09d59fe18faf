/** A zip archive written by hand: real bytes for the reader to accept or refuse. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipContent {
  readonly [name: string]: string | Uint8Array;
}

/** Deflated entries in the given order, central directory at the end; names are not checked. */
export function zipOf(content: ZipContent): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, value] of Object.entries(content)) {
    const data = Buffer.from(value);
    const packed = deflateRawSync(data, { level: 1 });
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26); // from "version needed" to "extra length", the same in both headers
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4); // deflate
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);

    const central = Buffer.alloc(14);
    central.writeUInt32LE(offset, 10); // after comment length, disk, internal and external attributes
    directory.push(Buffer.from('504b01021400', 'hex'), common, central, nameBytes);
    parts.push(Buffer.from('504b0304', 'hex'), common, nameBytes, packed);
    offset += 4 + common.length + nameBytes.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const count = Object.keys(content).length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
