/** Between interleaved RGB, in which pictures are worked on, and the planes of a dataset. */
import { rgbImage, type RgbImage } from '../faces/image.js';
import { rgbPlanes } from '../kernels/planes.js';
import type { SourcePicture } from '../sources/source.js';
import { newMemory } from './stage-memory.js';

export function pictureBytes(picture: SourcePicture): Uint8Array {
  return picture.kind === 'file' ? picture.bytes : picture.data;
}

/** A picture whose memory is its own, so that it can be moved to another thread. */
export function ownedPicture(picture: SourcePicture): SourcePicture {
  const bytes = pictureBytes(picture);
  if (bytes.byteLength === bytes.buffer.byteLength) return picture;
  if (picture.kind === 'pixels') return { ...picture, data: new Uint8Array(picture.data) };
  return { kind: 'file', bytes: Buffer.from(new Uint8Array(picture.bytes).buffer) };
}

/** Weights of ITU-R 601, 16-bit fixed point as in Pillow: a gray RGB pixel keeps its value. */
const [red, green, blue] = [19595, 38470, 7471];

/** uint8 CHW; one channel is the luma, rounded. */
export function toPlanes(image: RgbImage, channels: 1 | 3, memory = newMemory): Uint8Array {
  const { data } = image;
  const planes = memory.image(image.width * image.height * channels);
  if (channels === 3) return rgbPlanes(data, planes);
  for (let i = 0, at = 0; i < planes.length; i++, at += 3)
    planes[i] = (data[at]! * red + data[at + 1]! * green + data[at + 2]! * blue + 0x8000) >> 16;
  return planes;
}

/** The way back; one channel is repeated. */
export function fromPlanes(planes: Uint8Array, channels: 1 | 3, width: number, height: number): RgbImage {
  const size = width * height;
  const data = new Uint8Array(size * 3);
  const step = channels === 3 ? size : 0;
  for (let i = 0, at = 0; i < size; i++, at += 3) {
    data[at] = planes[i]!;
    data[at + 1] = planes[i + step]!;
    data[at + 2] = planes[i + 2 * step]!;
  }
  return rgbImage(width, height, data);
}

/** uint8 CHW, left to right. */
export function mirrored(planes: Uint8Array, width: number): Uint8Array {
  const turned = new Uint8Array(planes.length);
  for (let row = 0; row < planes.length; row += width)
    for (let x = 0; x < width; x++) turned[row + x] = planes[row + width - 1 - x]!;
  return turned;
}
