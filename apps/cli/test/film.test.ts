/** The MP4 of a film: by the ffmpeg of this machine where there is one, and by programs that stand in for it. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { writeMp4 } from '../src/interpolate/film.js';
import { temporaryFolder } from './support.js';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

let root: string;
beforeAll(async () => {
  root = await temporaryFolder();
});

function film(width: number, height: number, channels: 1 | 3) {
  const data = Uint8Array.from({ length: 4 * width * height * channels }, (_, i) => (i * 37) % 256);
  return { data, frames: 4, width, height, channels, fps: 8 };
}

/** A program with the body of a shell script; `$partial` is where it is told to write. */
async function program(name: string, body: string): Promise<string> {
  const path = join(root, name);
  await writeFile(path, `#!/bin/sh\nfor partial; do :; done\n${body}\n`, { mode: 0o755 });
  return path;
}

it.skipIf(!hasFfmpeg).each([
  [8, 6, 3],
  [7, 5, 3],
  [5, 7, 1],
] as const)('ffmpeg makes one of %dx%d with %d channels', async (width, height, channels) => {
  const path = join(root, `${width}x${height}.mp4`);
  expect(await writeMp4(path, film(width, height, channels))).toBeUndefined();
  expect((await readFile(path)).toString('latin1')).toContain('ftyp');
});

it.skipIf(process.platform === 'win32')(
  'frames go in as they are, and the file appears when it is whole',
  async () => {
    const path = join(root, 'told.mp4');
    const standIn = await program('tells', 'printf "%s\\n" "$@" > "$partial"; cat >> "$partial"');
    const made = film(7, 5, 1);
    expect(await writeMp4(path, made, standIn)).toBeUndefined();
    const written = await readFile(path);
    expect(written.subarray(-made.data.length).equals(made.data)).toBe(true);
    const args = written.subarray(0, -made.data.length).toString();
    for (const told of ['-s\n7x5\n', '-pix_fmt\ngray\n', '-r\n8\n', '-vf\npad=ceil(iw/2)*2:ceil(ih/2)*2\n']) {
      expect(args).toContain(told);
    }
  },
);

it.skipIf(process.platform === 'win32')(
  'a failure is told in its own words and leaves nothing behind',
  async () => {
    const path = join(root, 'failed.mp4');
    const standIn = await program('fails', 'echo half > "$partial"; echo "no such encoder" >&2; exit 3');
    expect(await writeMp4(path, film(8, 6, 3), standIn)).toBe('ffmpeg failed (no such encoder)');
    expect(await writeMp4(path, film(8, 6, 3), join(root, 'nothing'))).toBe(
      'there is no ffmpeg on this machine',
    );
    expect((await readdir(root)).filter((name) => name.startsWith('failed'))).toEqual([]);
  },
);
