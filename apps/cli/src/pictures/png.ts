import sharp from 'sharp';
import type { ImageGrid } from '@pggan/model';
import { writeAtomic } from '@pggan/files';

/** Writes raw pixels as a PNG, gray or RGB, all at once or not at all. */
export async function writePng(path: string, { data, width, height, channels }: ImageGrid): Promise<void> {
  const raw = { width, height, channels: channels as 1 | 3 };
  const png = await sharp(data, { raw })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
  await writeAtomic(path, png);
}
