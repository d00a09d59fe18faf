/** A network of somebody's choice that turns images into features and class probabilities. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { readPlainFile } from '@pggan/files';
import { MetricsError } from '../errors.js';
import type { Features } from '../features/features.js';
import { countOf, shapeName, type ImageBatch, type ImageShape } from '../images/batch.js';
import { wholeNumber } from '../options.js';
import { InputMaker } from './input.js';
import { meaningOf, modelPath, readManifest, type Manifest } from './manifest.js';
import type { Network, NetworkOptions } from './network.js';
import { openOnnxNetwork } from './onnx-network.js';
import { rowsOf, softmax } from './output.js';
import { planExtractor, type ExtractorPlan } from './plan.js';
import { Rows } from './rows.js';
import { readTfjsFiles } from './tfjs-files.js';
import { openTfjsNetwork } from './tfjs-network.js';

/** What metrics ask for: FID, KID, precision and recall features, the Inception Score probabilities. */
export type Extracted = 'features' | 'probabilities';

export interface Extractor {
  readonly name: string; // from the manifest
  /** SHA-256 of what decides the numbers: the model's bytes and what the manifest says about them. */
  readonly hash: string;
  readonly runtime: string; // what computes, such as "onnxruntime 1.30.0"; last bits depend on it
  readonly resizer: Manifest['resizer'];
  readonly channels: 1 | 3; // gray images do for 3 as well
  readonly outputs: readonly ('features' | 'logits' | 'probabilities')[];
  readonly batch: number; // images that the network sees at once
  /**
   * What is wanted of a batch of images of any number, in one pass through the network: rows, [image, value].
   * Probabilities are the softmax of the logits where the model has no others.
   * @throws MetricsError `output-missing` when the extractor does not give it, `images-invalid` for images that it does not
   *   take, `features-invalid` for results that are no numbers, `extractor-invalid` when the model fails
   */
  extract<Wanted extends Extracted>(
    images: ImageBatch,
    wanted: readonly Wanted[],
  ): Promise<Readonly<Record<Wanted, Features>>>;
  /** Free the model. The extractor cannot be used afterwards. */
  close(): Promise<void>;
}

export interface ExtractorOptions {
  readonly threads?: number | undefined; // of the network's operations; default: one per core. Results are equal
}

/** Protobuf's limit, and more than JavaScript takes at once. */
const largestModel = 2 ** 31 - 1;

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/**
 * The extractor that a manifest describes.
 * @throws MetricsError `extractor-missing`, `extractor-invalid`, `extractor-changed`, `output-missing`, `runtime-missing`
 */
export async function openExtractor(
  manifestPath: string,
  { threads = availableParallelism() }: ExtractorOptions = {},
): Promise<Extractor> {
  wholeNumber('threads', threads, 1, 1024);
  const manifest = await readManifest(manifestPath);
  const path = modelPath(manifestPath, manifest);
  const { digest, connect } = await readModel(path, manifestPath, manifest, { threads });
  if (manifest.sha256 !== undefined && manifest.sha256 !== digest)
    throw new MetricsError(
      'extractor-changed',
      `${path}: expected the SHA-256 ${manifest.sha256} that ${manifestPath} names, got ${digest}; ` +
        'fetch or convert the model again, or write a manifest for this one',
    );
  const network = await connect();
  try {
    const plan = planExtractor(path, manifest, network);
    return new NetworkExtractor(manifestPath, manifest, plan, network, sha256(meaningOf(manifest), digest));
  } catch (error) {
    await network.close();
    throw error;
  }
}

/** The model's bytes, as their hash and what makes a network of them. */
async function readModel(
  path: string,
  manifestPath: string,
  { input, origin }: Manifest,
  options: NetworkOptions,
): Promise<{ readonly digest: string; connect(): Promise<Network> }> {
  const bytes = await readPlainFile(path, largestModel).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    const how = origin === undefined ? '' : `. To get it: ${origin}`;
    throw new MetricsError('extractor-missing', `${path}: the model of ${manifestPath}: ${why}${how}`, {
      cause,
    });
  });
  if (extname(path).toLowerCase() === '.onnx')
    return {
      digest: sha256(bytes),
      connect: () => openOnnxNetwork(path, bytes, manifestPath, input.name, options),
    };
  const files = await readTfjsFiles(path, bytes);
  return {
    digest: sha256(bytes, files.weights),
    connect: () => openTfjsNetwork(path, files, input.name, options),
  };
}

class NetworkExtractor implements Extractor {
  readonly name: string;
  readonly runtime: string;
  readonly resizer: Manifest['resizer'];
  readonly channels: 1 | 3;
  readonly outputs: Extractor['outputs'];
  readonly batch: number;
  /** That of the last batch: tables of weights serve many. */
  #maker: InputMaker | null = null;

  constructor(
    private readonly manifestPath: string,
    private readonly manifest: Manifest,
    private readonly plan: ExtractorPlan,
    private readonly network: Network,
    readonly hash: string,
  ) {
    this.name = manifest.name;
    this.runtime = network.runtime;
    this.resizer = manifest.resizer;
    this.channels = manifest.input.channels === 'gray' ? 1 : 3;
    this.outputs = (['features', 'logits', 'probabilities'] as const).filter(
      (output) => manifest.outputs[output] !== undefined,
    );
    this.batch = plan.batch;
  }

  async extract<Wanted extends Extracted>(
    images: ImageBatch,
    wanted: readonly Wanted[],
  ): Promise<Readonly<Record<Wanted, Features>>> {
    const sources = wanted.map((one) => this.#sourceOf(one));
    const count = countOf(images);
    if (count === 0) throw new MetricsError('too-few', `${this.name}: expected at least one image, got none`);
    const names = [...new Set(sources.map(({ output }) => output))];
    const rows = sources.map(() => new Rows());
    const maker = this.#makerFor(images);
    const { layout } = this.plan.input;
    const pool = this.manifest.pool === 'mean';
    for (let first = 0; first < count; first += this.batch) {
      const taken = Math.min(this.batch, count - first);
      const batch = this.plan.padded ? this.batch : taken;
      const { data, dims } = maker.make(images, first, taken, batch);
      const results = await this.network.run(data, dims, names);
      for (const [i, { output, isLogits }] of sources.entries()) {
        const what = `${this.manifestPath}: output "${output}"`;
        const part = rowsOf(results.get(output)!, what, { count: taken, batch, layout, pool });
        rows[i]!.add(isLogits ? softmax(part) : part);
      }
    }
    return Object.fromEntries(wanted.map((one, i) => [one, rows[i]!.joined()])) as Record<Wanted, Features>;
  }

  close(): Promise<void> {
    return this.network.close();
  }

  #sourceOf(wanted: Extracted): { readonly output: string; readonly isLogits: boolean } {
    const { features, logits, probabilities } = this.manifest.outputs;
    const output = wanted === 'features' ? features : (probabilities ?? logits);
    if (output !== undefined)
      return { output, isLogits: wanted === 'probabilities' && probabilities === undefined };
    const keys = wanted === 'features' ? '"features"' : '"logits" or "probabilities"';
    throw new MetricsError(
      'output-missing',
      `${this.name} gives ${this.outputs.join(' and ')}; expected ${wanted}: name the model's ${keys} among the outputs in ` +
        `${this.manifestPath}, or take another extractor`,
    );
  }

  #makerFor({ channels, width, height }: ImageShape): InputMaker {
    const shape = { channels, width, height };
    if (this.#maker && shapeName(this.#maker.shape) === shapeName(shape)) return this.#maker;
    const { size, resizer } = this.plan.input;
    if (channels > this.channels)
      throw new MetricsError(
        'images-invalid',
        `${this.name}: expected gray images, got images of ${channels} channels; convert them first, or take another extractor`,
      );
    if (resizer === 'none' && size && (size.width !== width || size.height !== height))
      throw new MetricsError(
        'images-invalid',
        `${this.name}: expected images of ${size.width}x${size.height}, got ${width}x${height}; resize them first, or name a ` +
          `resizer in ${this.manifestPath}`,
      );
    return (this.#maker = new InputMaker(this.plan.input, shape));
  }
}
