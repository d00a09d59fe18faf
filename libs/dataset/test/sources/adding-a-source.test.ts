import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { SourceKind } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';

const project = resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();

it('the source that CONTRIBUTING shows works', async () => {
  const guide = readFileSync(resolve(project, '../../CONTRIBUTING.md'), 'utf8');
  const file = join(project, 'test-output', 'contributing-example.ts');
  mkdirSync(join(project, 'test-output'), { recursive: true });
  writeFileSync(file, /```ts\n([\s\S]*?)```/.exec(guide)![1]!);
  const { rawFrames } = (await import(pathToFileURL(file).href)) as { rawFrames: SourceKind };

  expect(await rawFrames.recognises(folder)).toBe(false);
  const pixels = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => i % 3);
  writeFileSync(join(folder, 'b.rgb'), pixels);
  writeFileSync(join(folder, 'a.rgb'), 'short');
  expect(await rawFrames.recognises(folder)).toBe(true);
  const request = {
    path: folder,
    scratch: folder,
    split: 'train',
    coarse: false,
    stacks: 1,
    stackSeed: 1,
  } as const;
  const source = await rawFrames.open(request);
  expect([source.path(0), source.path(1)]).toEqual(['a.rgb', 'b.rgb']);
  await expect(source.read(0)).rejects.toMatchObject({ reason: 'unreadable' });
  const picture = await source.read(1);
  expect(picture).toMatchObject({ kind: 'pixels', width: 64, height: 64, channels: 3 });
  const planes = picture.kind === 'pixels' ? picture.data : [];
  expect([planes[0], planes[64 * 64], planes[3 * 64 * 64 - 1]]).toEqual([0, 1, 2]);
});
