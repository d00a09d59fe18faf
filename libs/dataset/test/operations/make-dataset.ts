/** Small datasets made by the tests. */
import { TFRecordExporter, type ImageSize } from '../../src/index.js';
import { mirrorOf, wavePicture } from '../similarity/pictures.js';

export interface DatasetPlan {
  readonly size?: ImageSize;
  readonly channels?: 1 | 3;
  readonly shardImages?: number;
  readonly seeds?: readonly number[]; // one wave picture each; negative: the mirror image of the positive seed's
  /** Change an image after it was drawn. */
  readonly edit?: (image: Uint8Array, i: number) => Uint8Array;
  readonly labels?: {
    readonly names: readonly string[] | null;
    readonly rows: readonly (readonly number[])[];
  };
  /** One object per line. */
  readonly manifest?: readonly object[];
}

export const square32: ImageSize = { width: 32, height: 32 };
export const rectangle: ImageSize = { width: 16, height: 12 };

export function pictureOf(seed: number, { size = square32, channels = 3 }: DatasetPlan = {}): Uint8Array {
  const image = wavePicture(Math.abs(seed), channels, size.width, size.height);
  return seed < 0 ? mirrorOf(image, size.width) : image;
}

/** Twelve pictures of 32x32 in colour, unless the plan says otherwise. Returns the folder. */
export async function makeDataset(out: string, plan: DatasetPlan = {}): Promise<string> {
  const { size = square32, channels = 3, shardImages, labels, manifest } = plan;
  const seeds = plan.seeds ?? Array.from({ length: 12 }, (_, i) => i + 1);
  const exporter = await TFRecordExporter.create(out, {
    size,
    channels,
    ...(shardImages === undefined ? {} : { shardImages }),
    source: { kind: 'test' },
    settings: { made: 'by a test' },
  });
  for (const [i, seed] of seeds.entries()) {
    const image = pictureOf(seed, plan);
    await exporter.add(plan.edit?.(image, i) ?? image);
  }
  if (labels)
    await exporter.addLabels(Float32Array.from(labels.rows.flat()), labels.rows[0]!.length, labels.names);
  if (manifest) {
    const lines = manifest.map((line) => `${JSON.stringify(line)}\n`);
    await exporter.addFile('manifest.jsonl', Buffer.from(lines.join('')));
  }
  await exporter.finish();
  return out;
}

/** One-hot rows. */
export function oneHot(classes: readonly number[], count: number): number[][] {
  return classes.map((label) => Array.from({ length: count }, (_, i) => (i === label ? 1 : 0)));
}

/** A manifest line as a build writes it. */
export function kept(path: string, record: number, more: object = {}): object {
  return {
    path,
    sha256: null,
    bytes: 1,
    decision: 'kept',
    reason: null,
    detail: null,
    record,
    picture: { width: 100 + record, height: 80, format: 'jpeg', exifTurn: 1, converted: [] },
    scores: { eyeDistance: null, faceSize: 80, enlarged: 0.4, outside: 0, sharpness: 10 + record },
    ...more,
  };
}

export function dropped(path: string, reason: string): object {
  return {
    path,
    sha256: null,
    bytes: 1,
    decision: 'dropped',
    reason,
    detail: 'x',
    record: null,
    picture: null,
  };
}
