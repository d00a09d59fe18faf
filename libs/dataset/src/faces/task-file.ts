/**
 * A MediaPipe .task file is a zip archive of uncompressed models. MediaPipe neither checks its sums nor survives nonsense
 * inside, so it is checked here before it is handed over.
 */
import { crc32 } from '@node-rs/crc32';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
/** The models that a face landmarker cannot do without. */
const NEEDED = ['face_detector.tflite', 'face_landmarks_detector.tflite'];

/** What is wrong with the bytes of a face landmark model, in a few words; undefined when they are sound. */
export function taskFileFault(file: Buffer): string | undefined {
  const end = file.length >= END_LENGTH ? file.lastIndexOf(signature(END_OF_DIRECTORY)) : -1;
  if (end < 0 || end + END_LENGTH > file.length) return 'it is not a zip archive, or its end is missing';
  const names = new Set<string>();
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > end || file.readUInt32LE(at) !== DIRECTORY_ENTRY) return 'its table of contents is damaged';
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength);
    const header = file.readUInt32LE(at + 42);
    if (header + 30 > end) return 'its table of contents is damaged';
    const start = header + 30 + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28);
    const stored = file.subarray(start, start + file.readUInt32LE(at + 20));
    if (crc32(stored) !== file.readUInt32LE(at + 16) && file.readUInt16LE(at + 10) === 0) {
      return `the checksum of ${name} inside is wrong`;
    }
    names.add(name);
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  const missing = NEEDED.find((name) => !names.has(name));
  return missing && `there is no ${missing} inside`;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
