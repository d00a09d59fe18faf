/** docs/inception.md, on a small graph with Inception's names that TensorFlow made and tf2onnx converted. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openExtractor, type ImageBatch } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { goldenJson } from '../golden.js';

const project = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(project, 'docs', 'inception.md'), 'utf8');
const manifests = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!);
const model = 'inception-2015-12-05.onnx';
const folder = temporaryFolder();

/** As tools/fixtures/make-inception-stand-in.py makes them. */
const images: ImageBatch = {
  channels: 3,
  width: 20,
  height: 28,
  data: Uint8Array.from({ length: 4 * 3 * 560 }, (_, at) => {
    const [i, c, y, x] = [Math.floor(at / 1680), Math.floor(at / 560) % 3, Math.floor(at / 20) % 28, at % 20];
    return 31 * i + 7 * x * x + 13 * y + 3 * x * y + 50 * c;
  }),
};

it('the manifest for the official graph gives what TensorFlow gives', async () => {
  copyFileSync(join(project, 'test/fixtures/inception-stand-in', model), join(folder, model));
  const manifest = join(folder, 'inception-2015-12-05.json');
  writeFileSync(manifest, manifests[0]!);
  const extractor = await openExtractor(manifest);
  expect(extractor).toMatchObject({ batch: 1, resizer: 'none', outputs: ['features', 'logits'] });
  const found = await extractor.extract(images, ['features', 'probabilities']);
  await extractor.close();
  const expected = goldenJson<Record<'features' | 'probabilities', number[][]>>(
    'inception-stand-in/expected.json',
  );
  for (const name of ['features', 'probabilities'] as const) {
    const values = expected[name].flat();
    expect(found[name].data).toHaveLength(values.length);
    // float32 sums of some hundred values about 1, in another order.
    values.forEach((value, i) => expect(Math.abs(found[name].data[i]! - value)).toBeLessThan(2e-6));
  }
});

it('the other manifests on the page are manifests', async () => {
  expect(manifests).toHaveLength(2);
  const manifest = join(folder, 'pytorch-fid.json');
  writeFileSync(manifest, manifests[1]!);
  await expect(openExtractor(manifest)).rejects.toMatchObject({
    code: 'extractor-missing',
    message: expect.stringContaining('pytorch-fid.onnx: the model of'),
  });
});
