import type { NetworkConfig } from '../config.js';

/** One variable of a network (facts 1.2). */
export interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of a fresh weight as the layer uses it, gain / sqrt(fan-in); 0 = it starts at `fill`. */
  readonly std: number;
  /** First value of what is not drawn: 0 for biases, 1 for gains. */
  readonly fill: number;
  /** Whether the equalised learning rate applies: stored as N(0,1), scaled by `std` at every use. */
  readonly equalized: boolean;
  /** False for running averages, which no gradient moves. */
  readonly trainable: boolean;
  /** log2 of the resolution it works at. */
  readonly block: number;
  /** toRGB and fromRGB serve one resolution only; block layers serve every higher one too. */
  readonly rgb: boolean;
}

/** Gains of facts 1.2. */
export const gains = { relu: Math.SQRT2, linear: 1 } as const;

/** How a layer's output is normalised between weights and activation; only the older version has any. */
export type LayerNormalization = 'none' | 'batch' | 'layer';

interface LayerOptions {
  readonly gain?: number;
  /** Entries of the bias; absent = one per output. */
  readonly bias?: number;
  readonly fanIn?: number;
  readonly rgb?: boolean;
  readonly normalization?: LayerNormalization;
  /** Whether batch normalisation keeps running averages, to make one picture at a time later. */
  readonly running?: boolean;
}

/** The variables of one layer: weight, bias, and what its normalisation needs. */
export function layer(
  config: Pick<NetworkConfig, 'useWscale'>,
  name: string,
  block: number,
  shape: readonly number[],
  options: LayerOptions = {},
): VariableSpec[] {
  const outputs = shape.at(-1) as number;
  const { gain = gains.relu, bias = outputs, rgb = false, normalization = 'none', running = false } = options;
  const fanIn = options.fanIn ?? shape.reduce((product, size) => product * size, 1) / outputs;
  const place = { block, rgb };
  const plain = (entry: string, entryShape: readonly number[], fill: number, trainable = true) => ({
    ...place,
    name: `${name}/${entry}`,
    shape: entryShape,
    std: 0,
    fill,
    equalized: false,
    trainable,
  });
  const specs: VariableSpec[] = [
    {
      ...place,
      name: `${name}/weight`,
      shape,
      std: gain / Math.sqrt(fanIn),
      fill: 0,
      equalized: config.useWscale,
      trainable: true,
    },
    plain('bias', [bias], 0),
  ];
  if (normalization === 'layer') specs.push(plain('gain', [], 1));
  if (normalization === 'batch') {
    specs.push(plain('gamma', [bias], 1));
    if (running) specs.push(plain('mean', [bias], 0, false), plain('inv_std', [bias], 1, false));
  }
  return specs;
}

/** `8x8` for block 3: official names, which count doublings of a 4x4 base whatever the base is. */
export function blockName(block: number): string {
  return `${2 ** block}x${2 ** block}`;
}
