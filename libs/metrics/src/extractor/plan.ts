/** What a manifest and the model that it names say together. */
import { nearestName } from '@pggan/files';
import { MetricsError } from '../errors.js';
import type { InputPlan } from './input.js';
import type { Manifest } from './manifest.js';
import type { Network } from './network.js';

export interface ExtractorPlan {
  readonly input: InputPlan;
  readonly batch: number;
  readonly padded: boolean; // the model takes this many images and no other number
}

const defaultBatch = 16;

/** @throws MetricsError `extractor-invalid` where the two contradict each other, `output-missing` */
export function planExtractor(path: string, manifest: Manifest, network: Network): ExtractorPlan {
  const { input, resizer, outputs } = manifest;
  const invalid = (what: string) => new MetricsError('extractor-invalid', `${path}: ${what}`);
  const { inputShape } = network;
  if (inputShape.length !== 4)
    throw invalid(
      `expected an input of four sides, got [${inputShape.map((side) => side ?? '?').join(', ')}]`,
    );
  const planes = input.channels === 'gray' ? 1 : 3;
  const [batch, ...sides] = inputShape as readonly [
    number | null,
    number | null,
    number | null,
    number | null,
  ];
  const [depth, height, width] = input.layout === 'nchw' ? sides : [sides[2], sides[0], sides[1]];
  if ((depth ?? planes) !== planes)
    throw invalid(
      `expected ${planes} plane(s) for channels "${input.channels}" and layout "${input.layout}" in the manifest, ` +
        `got an input [${inputShape.map((side) => side ?? '?').join(', ')}]`,
    );
  if (batch !== null && (manifest.batch ?? batch) !== batch)
    throw invalid(`batch in the manifest: expected ${batch} as the model declares, got ${manifest.batch}`);
  const side = (name: 'width' | 'height', declared: number | null) => {
    const told = input[name];
    if (declared === null) {
      if (told !== undefined) return told === 'any' ? null : told;
      throw invalid(`takes any ${name}; expected input.${name} in the manifest, a number of pixels or "any"`);
    }
    if ((told ?? declared) === declared) return declared;
    throw invalid(`input.${name} in the manifest: expected ${declared} as the model declares, got ${told}`);
  };
  const size = { width: side('width', width), height: side('height', height) };
  if ((size.width === null) !== (size.height === null))
    throw invalid('expected both width and height to be "any" in the manifest, or none of them');
  for (const name of Object.values(outputs))
    if (name !== undefined && !network.outputs.includes(name))
      throw outputMissing(path, name, network.outputs);
  const { width: w, height: h } = size;
  const { mean, deviation, layout, channels, range } = input;
  return {
    input: {
      ...{ layout, channels, range, mean, deviation, resizer },
      size: w === null || h === null ? null : { width: w, height: h },
    },
    batch: batch ?? manifest.batch ?? defaultBatch,
    padded: batch !== null,
  };
}

/** More names than these help nobody. */
const listedNames = 20;

function outputMissing(path: string, name: string, known: readonly string[]): MetricsError {
  const meant = nearestName(name, known);
  const rest = known.length > listedNames ? ` and ${known.length - listedNames} more` : '';
  return new MetricsError(
    'output-missing',
    `${path}: expected an output "${name}" as the manifest says, got ${known.slice(0, listedNames).join(', ')}${rest}` +
      (meant === null ? '' : `; did you mean "${meant}"?`),
  );
}
