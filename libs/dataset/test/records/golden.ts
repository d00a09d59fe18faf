/** The datasets that the official exporter wrote, and the pictures they were made from. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

export const goldenFolder = fileURLToPath(new URL('../fixtures/tfrecords/', import.meta.url));

export type GoldenName = 'rgb32' | 'rgb32-noshuffle' | 'gray32' | 'gray32-noshuffle';

interface GoldenFile {
  readonly bytes: number;
  readonly sha256: string;
  readonly labels?: readonly (readonly number[])[];
  readonly records?: readonly {
    readonly shape: readonly number[];
    readonly data_sha256: string;
    readonly data_sum: number;
  }[];
}

export const expected = JSON.parse(readFileSync(`${goldenFolder}expected.json`, 'utf8')) as {
  readonly datasets: Record<
    GoldenName,
    { readonly files: Record<string, GoldenFile>; readonly source_index_of_record: readonly number[] }
  >;
  readonly gray_class_of_source_image: readonly number[];
};

export const goldenNames = Object.keys(expected.datasets) as GoldenName[];
export const channelsOf = (name: GoldenName) => (name.startsWith('rgb') ? 3 : 1);

/** uint8 CHW, 32×32, in source order. */
export async function sourceImages(name: GoldenName): Promise<Uint8Array[]> {
  const channels = channelsOf(name);
  const folder = `${goldenFolder}${channels === 3 ? 'rgb32' : 'gray32'}-png`;
  const files = (await readdir(folder)).sort();
  return Promise.all(
    files.map(async (file) => {
      const image = sharp(`${folder}/${file}`);
      const hwc = await (channels === 1 ? image.toColourspace('b-w') : image).raw().toBuffer();
      const plane = hwc.length / channels;
      return Uint8Array.from(
        { length: hwc.length },
        (_, i) => hwc[(i % plane) * channels + Math.floor(i / plane)]!,
      );
    }),
  );
}
