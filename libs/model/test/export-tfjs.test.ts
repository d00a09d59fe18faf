import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startEngine, tf } from '@pggan/engine';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what users of an exported model load it with
import * as tfjs from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { disposeWeights, exportTfjs, type LoadedGenerator } from '../src/index.js';
import { inputsOf, kinds, lodsOf, ourPictures, randomGenerator, type Inputs } from './exported.js';
import { maxDifference } from './golden.js';

/** float32 on both sides, sums in another order; pictures are within about [-3, 3]. */
const tolerance = 2e-5;

/** What TensorFlow.js makes of the exported files. */
async function theirs(generator: LoadedGenerator, { count, latents, labels }: Inputs, lod: number) {
  const files = exportTfjs(generator, lod);
  const model = JSON.parse(Buffer.from(files.get('model.json')!).toString());
  const [{ paths, weights: specs }] = model.weightsManifest;
  const joined = Buffer.concat(paths.map((path: string) => files.get(path)!));
  const data = joined.buffer.slice(joined.byteOffset, joined.byteOffset + joined.length) as ArrayBuffer;
  const artifacts = tfjs.io.getModelArtifactsForJSONSync(model, specs, data);
  const graph = await tfjs.loadGraphModel(tfjs.io.fromMemory(artifacts));
  const { latentSize, labelSize } = generator.config;
  const images = tfjs.tidy(
    () =>
      graph.predict({
        latents: tfjs.tensor2d(latents, [count, latentSize]),
        ...(labels ? { labels: tfjs.tensor2d(labels, [count, labelSize]) } : {}),
      }) as tfjs.Tensor,
  );
  const result = { shape: images.shape, data: images.dataSync() as Float32Array };
  images.dispose();
  graph.dispose();
  return result;
}

describe.each(kinds)('%s: TensorFlow.js makes our pictures', (_, input) => {
  beforeAll(() => startEngine({ backend: 'cpu' }));

  it.each(lodsOf(input.resolution))('at lod %d', async (lod) => {
    const generator = randomGenerator(input);
    for (const count of [1, 3]) {
      const inputs = inputsOf(generator.config, count);
      const ours = ourPictures(generator, inputs, lod);
      const { shape, data } = await theirs(generator, inputs, lod);
      expect(shape).toEqual(ours.shape);
      expect(maxDifference(data, ours.dataSync())).toBeLessThan(tolerance);
      ours.dispose();
    }
    disposeWeights(generator.weights);
  });
});

it('weights of more than 4 MiB lie in several files', () => {
  const generator = randomGenerator({ resolution: 4, fmapBase: 768, fmapMax: 384, latentSize: 64 });
  const files = exportTfjs(generator);
  const sizes = [...files].slice(0, -1).map(([, bytes]) => bytes.length);
  expect([...files.keys()]).toEqual(['group1-shard1of2.bin', 'group1-shard2of2.bin', 'model.json']);
  expect(sizes[0]).toBe(4 * 2 ** 20);
  disposeWeights(generator.weights);
});

const chromium =
  process.env['PGGAN_TEST_CHROMIUM'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  );

const page = (inputs: { latents: number[]; labels: number[] }, sizes: readonly number[]) => `<!doctype html>
<script src="/tf.js"></script>
<script>
  (async () => {
    await tf.setBackend('cpu');
    const model = await tf.loadGraphModel('/model.json');
    const given = ${JSON.stringify(inputs)};
    const images = model.predict({
      latents: tf.tensor2d(given.latents, [2, ${sizes[0]}]),
      labels: tf.tensor2d(given.labels, [2, ${sizes[1]}]),
    });
    return { shape: images.shape, data: [...(await images.data())] };
  })()
    .catch((error) => ({ error: String(error) }))
    .then((result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) }));
</script>`;

/** The page's result, from a browser of its own. */
async function inBrowser(files: Map<string, Uint8Array>, html: string) {
  const script = createRequire(import.meta.url).resolve('@tensorflow/tfjs/dist/tf.min.js');
  const profile = await mkdtemp(join(tmpdir(), 'pggan-browser-'));
  let post: (request: IncomingMessage) => void;
  const posted = new Promise<IncomingMessage>((resolve) => (post = resolve));
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const file = files.get(name);
    if (request.method === 'POST') post(request);
    else if (name === '') response.setHeader('content-type', 'text/html').end(html);
    else if (name === 'tf.js') createReadStream(script).pipe(response);
    else if (file) response.end(file);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(chromium!, [...flags, url], { stdio: 'ignore' });
  onTestFinished(async () => {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const chunks: Buffer[] = [];
  for await (const chunk of await posted) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as { shape: number[]; data: number[]; error?: string };
}

it.skipIf(chromium === undefined)('a browser makes our pictures from the files', async () => {
  await startEngine({ backend: 'cpu' });
  const generator = randomGenerator({
    resolution: 16,
    baseHeight: 3,
    fmapBase: 64,
    fmapMax: 8,
    labelSize: 2,
  });
  const inputs = inputsOf(generator.config, 2);
  const html = page({ latents: [...inputs.latents], labels: [...inputs.labels!] }, [
    generator.config.latentSize,
    2,
  ]);
  const result = await inBrowser(exportTfjs(generator, 0.35), html);
  expect(result.error).toBeUndefined();
  const ours = ourPictures(generator, inputs, 0.35);
  expect(result.shape).toEqual([2, 12, 16, 3]);
  expect(maxDifference(result.data, ours.dataSync())).toBeLessThan(tolerance);
  tf.dispose([ours, ...Object.values(generator.weights)]);
});
