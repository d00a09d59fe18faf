/** What kind of network a set of tensors in our layout belongs to. */
import { z } from 'zod';
import { featureMaps, networkConfigSchema, type NetworkConfig } from '../config.js';
import { ModelError } from '../errors.js';
import type { Collected } from './collect.js';

/**
 * The configuration whose variables the tensors are: side and widths are read off them, the rest is given.
 * @param given settings of the mapping and of the person who imports
 * @throws ModelError `import-mismatch` when no configuration has such widths or there are no such settings
 */
export function networkOf(
  collected: readonly Collected[],
  top: number,
  given: Readonly<Record<string, unknown>>,
  name: string,
): NetworkConfig {
  const shapeOf = (variable: string, rank: number): readonly number[] => {
    const found = collected.find((tensor) => tensor.name === variable);
    if (found?.tensor.shape.length === rank) return found.tensor.shape;
    throw new ModelError(
      'import-mismatch',
      found === undefined
        ? `${name}: the mapping makes no "${variable}", which tells the size of the network`
        : `${name}: tensor "${found.source}" becomes "${variable}", expected of ${rank} axes, got [${found.tensor.shape}]`,
    );
  };
  const labelSize = Number(given['labelSize'] ?? 0);
  const maps = Array.from({ length: top - 1 }, (_, i) =>
    i === 0
      ? shapeOf('4x4/Conv/weight', 4)[3]!
      : shapeOf(`${2 ** (i + 2)}x${2 ** (i + 2)}/Conv1/weight`, 4)[3]!,
  );
  const numChannels = shapeOf('ToRGB_lod0/weight', 4)[3]!;
  if (numChannels !== 1 && numChannels !== 3) {
    throw new ModelError(
      'import-mismatch',
      `${name}: images expected of 1 or 3 channels, got ${numChannels}`,
    );
  }
  const parsed = networkConfigSchema.safeParse({
    resolution: 2 ** top,
    latentSize: shapeOf('4x4/Dense/weight', 2)[0]! - labelSize,
    numChannels,
    ...widthsOf(maps, name),
    ...given,
  });
  if (!parsed.success) {
    throw new ModelError('import-mismatch', `${name}: its network: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  return parsed.data;
}

/**
 * Base and cap that give these maps at the stages 1, 2, … with the decay of 1 that all layouts have (facts 1.1).
 * Rounding down leaves a choice of bases; the smallest is taken.
 */
function widthsOf(maps: readonly number[], name: string): { fmapBase: number; fmapMax: number } {
  const fmapMax = Math.max(...maps);
  const fmapBase = Math.max(...maps.map((count, i) => count * 2 ** (i + 1)));
  const config = { fmapBase, fmapMax, fmapDecay: 1 };
  const fits = maps.every((count, i) => featureMaps(config, i + 1) === count);
  if (fits) return { fmapBase, fmapMax };
  throw new ModelError(
    'import-mismatch',
    `${name}: the blocks from 4x4 up have ${maps.join(', ')} feature maps; expected one number up to a resolution, ` +
      'then halves',
  );
}
