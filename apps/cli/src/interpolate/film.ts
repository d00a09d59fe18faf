/** Frames to files that browsers and players show. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { writeAtomic } from '@pggan/files';
import sharp from 'sharp';

/** 8-bit frames of one size, one after the other, rows from the top, channels interleaved (1 or 3). */
export interface Film {
  readonly data: Uint8Array;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly fps: number;
}

/** Longest side of a WebP frame. */
export const longestSide = 16383;

/** An animated WebP that starts again for ever. */
export async function writeWebp(path: string, film: Film, quality: number): Promise<void> {
  const { data, frames, width, height, fps } = film;
  const channels = film.channels as 1 | 3;
  const raw = { width, height: height * frames, pageHeight: height, channels };
  // WebP counts in milliseconds: the rounding is spread so that the film keeps its length.
  const time = (frame: number) => Math.round((frame * 1000) / fps);
  const delay = Array.from({ length: frames }, (_, frame) => time(frame + 1) - time(frame));
  const image = sharp(data, { raw, limitInputPixels: false }).toColourspace('srgb');
  await writeAtomic(path, await image.webp({ quality, delay, loop: 0 }).toBuffer());
}

/**
 * An MP4 (H.264), made by the ffmpeg of the machine; its sides are even, larger by a pixel where the film's are not.
 * @returns undefined, or in a line why there is none
 */
export async function writeMp4(path: string, film: Film, ffmpeg = 'ffmpeg'): Promise<string | undefined> {
  const { data, width, height, channels, fps } = film;
  const partial = `${path}.partial`;
  const input = ['-f', 'rawvideo', '-pix_fmt', channels === 1 ? 'gray' : 'rgb24', '-s', `${width}x${height}`];
  // Two by two pixels share a colour: odd sides get one more, black.
  const even = ['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2'];
  // The paper's rate.
  const output = [...even, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-b:v', '16M', '-f', 'mp4', partial];
  const args = ['-y', '-loglevel', 'error', ...input, '-r', String(fps), '-i', '-', ...output];
  const child = spawn(ffmpeg, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  // A process that ends early closes its end; its own words tell why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(data);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) {
      await rename(partial, path);
      return undefined;
    }
    return `ffmpeg failed (${said.trim().split('\n').at(-1) ?? `code ${code}`})`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no ffmpeg on this machine'
      : (error as Error).message;
  } finally {
    await rm(partial, { force: true });
  }
}
