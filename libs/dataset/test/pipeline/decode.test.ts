/** Plain JPEG files, which the kernels decode, and others come to the same pixels and facts as through sharp alone. */
import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { decodePicture } from '../../src/pipeline/decode.js';
import { bytes } from '../kernels/samples.js';

const [width, height] = [50, 34];
const picture = () =>
  sharp(bytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .blur(2)
    .jpeg({ quality: 85 });
const turned = { width: height, height: width, exifTurn: 6, converted: ['exif-turn', 'profile'] };

it.each<[string, Sharp, object]>([
  ['plain', picture(), {}],
  ['progressive', picture().jpeg({ progressive: true }), {}],
  ['with EXIF', picture().withExif({ IFD0: { Copyright: 'nobody' } }), {}],
  ['turned by EXIF', picture().withMetadata({ orientation: 6 }), turned],
  ['with a colour profile', picture().withIccProfile('p3'), { converted: ['profile'] }],
  ['gray', picture().toColourspace('b-w'), { converted: ['gray'] }],
])('%s', async (_, source, special) => {
  const file = await source.toBuffer();
  const { image, ...facts } = await decodePicture(file, 1e6);
  expect(facts).toEqual({ width, height, format: 'jpeg', exifTurn: 1, converted: [], ...special });
  const expected = await sharp(file).autoOrient().toColourspace('srgb').raw().toBuffer();
  expect([image.width, image.height]).toEqual([facts.width, facts.height]);
  expect(Buffer.compare(image.data, expected)).toBe(0);
});

it('one that is too large is refused before it is decoded', async () => {
  const file = await picture().toBuffer();
  await expect(decodePicture(file, width * height - 1)).rejects.toMatchObject({ reason: 'too-large' });
});
