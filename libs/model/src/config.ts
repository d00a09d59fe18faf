import { z } from 'zod';

/** Smallest and largest side of a generated square image, in pixels. */
export const smallestResolution = 4;
export const largestResolution = 1024;

/** A side that networks and data sets can have: a power of two from 4 to 1024. */
export const resolutionSchema = z
  .number()
  .int()
  .min(smallestResolution)
  .max(largestResolution)
  .refine((side) => Number.isInteger(Math.log2(side)), 'must be a power of two (4, 8, … 1024)');

/** What decides the width of the layers. */
export interface FeatureMapOptions {
  readonly fmapBase: number;
  readonly fmapDecay: number;
  readonly fmapMax: number;
}

/**
 * Feature maps at stage `s` (facts 1.1): min(trunc(fmapBase / 2^(s * fmapDecay)), fmapMax).
 * Block r of G outputs stage r-1; block r of D takes stage r-1 and hands down stage r-2.
 */
export function featureMaps(config: FeatureMapOptions, stage: number): number {
  return Math.min(Math.trunc(config.fmapBase / 2 ** (stage * config.fmapDecay)), config.fmapMax);
}

const baseSide = z.number().int().min(2).max(7).default(4);

/**
 * The shape of both networks (facts 1.1-1.6, 6). Parsing fills in the official defaults and resolves
 * `latentSize`; parsing a parsed configuration again gives the same one.
 */
export const networkConfigSchema = z
  .strictObject({
    /** `paper`: two convolutions per resolution; `small`: one, as in the MNIST modes experiment. */
    architecture: z.enum(['paper', 'small']).default('paper'),
    /**
     * Side of the final images in pixels. Images that are not square have
     * baseWidth * resolution / 4 by baseHeight * resolution / 4 pixels.
     */
    resolution: resolutionSchema,
    /** Size of the smallest images, which doublings grow to the final size; the larger side has 4 to 7. */
    baseWidth: baseSide,
    baseHeight: baseSide,
    /** 3 for RGB, 1 for gray. */
    numChannels: z.union([z.literal(1), z.literal(3)]).default(3),
    /** Components of the label that G is conditioned on and D predicts; 0 = unconditional. */
    labelSize: z.number().int().min(0).default(0),
    /** Feature maps at stage 0 before the cap; halves with every stage when the decay is 1. */
    fmapBase: z.number().positive().default(8192),
    /** log2 of the factor by which the maps shrink per stage. */
    fmapDecay: z.number().min(0).default(1),
    /** Most feature maps any layer has. */
    fmapMax: z.number().int().positive().default(512),
    /** What D's feature maps are divided by, rounded down; the small architecture's only. */
    discriminatorDivisor: z.number().int().positive().default(1),
    /** Components of a latent vector; absent = the maps of stage 0. */
    latentSize: z.number().int().positive().optional(),
    /** A bias per unit of the first layer instead of one per map, as other programs' networks have it. */
    firstBiasPerUnit: z.boolean().default(false),
    /** Pixel-norm the latents, with the labels behind them, before the first layer. */
    normalizeLatents: z.boolean().default(true),
    /** Equalised learning rate: N(0,1) weights, scaled by the He constant at every use. */
    useWscale: z.boolean().default(true),
    /** Pixel norm after every layer of G but toRGB. */
    usePixelnorm: z.boolean().default(true),
    /** Added to the mean square inside pixel norm. */
    pixelnormEpsilon: z.number().positive().default(1e-8),
    /** Leaky ReLU in G instead of plain ReLU; D is always leaky. */
    useLeakyRelu: z.boolean().default(true),
    /** Batch norm in G, and in D of the small architecture; older version only. */
    useBatchnorm: z.boolean().default(false),
    /** Layer norm in D's convolutions of the paper architecture; older version only. */
    useLayernorm: z.boolean().default(false),
    /** tanh on the finished image; older version only. */
    tanhOutput: z.boolean().default(false),
    /** Samples per minibatch-stddev group; `all` = the whole minibatch; 0 or 1 = no such layer. */
    mbstdGroupSize: z.union([z.number().int().min(0), z.literal('all')]).default(4),
    /** Kernels of minibatch discrimination before D's last layer, which then starts from real images; 0 = none. */
    minibatchDiscriminationKernels: z.number().int().min(0).default(0),
    /** Resample inside the convolution; D computes another function than without (facts 1.3). */
    fusedScale: z.boolean().default(true),
  })
  .superRefine((config, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { fmapBase, fmapDecay, resolution, architecture, discriminatorDivisor: divisor } = config;
    const small = architecture === 'small';
    const last = Math.log2(resolution) - (small ? 2 : 1);
    const least = small ? divisor : 1;
    if (featureMaps(config, last) < least) {
      issue(
        'fmapBase',
        `${fmapBase} leaves no feature map at ${resolution}x${resolution}; ` +
          `expected at least ${Math.ceil(least * 2 ** (last * fmapDecay))}`,
      );
    }
    if (Math.max(config.baseWidth, config.baseHeight) < 4) {
      issue(
        'baseWidth',
        `a base of ${config.baseWidth}x${config.baseHeight} is too small; expected a larger side of 4 to 7`,
      );
    }
    if (!small && divisor !== 1) {
      issue('discriminatorDivisor', `expected 1 in the paper architecture, got ${divisor}`);
    }
    if (config.firstBiasPerUnit && (small || config.useBatchnorm)) {
      issue('firstBiasPerUnit', 'expected false in the small architecture and with batch norm, got true');
    }
    if (small && config.useLayernorm) {
      issue('useLayernorm', 'the small architecture has batch norm only; expected false, got true');
    }
    if (small && config.minibatchDiscriminationKernels > 0) {
      issue('minibatchDiscriminationKernels', 'the small architecture has no such layer; expected 0');
    }
  })
  .transform((config) => ({
    ...config,
    latentSize: config.latentSize ?? featureMaps(config, 0),
  }));

/** A complete network configuration; see {@link networkConfigSchema} for each field. */
export type NetworkConfig = Readonly<z.output<typeof networkConfigSchema>>;
/** What a caller may leave out. */
export type NetworkConfigInput = z.input<typeof networkConfigSchema>;

/** log2 of the final side: the number of the highest resolution block (R in the facts). */
export function highestBlock(config: Pick<NetworkConfig, 'resolution'>): number {
  return Math.log2(config.resolution);
}

/** Whether D ends in a minibatch-stddev layer, which adds one map. */
export function hasMinibatchStddev({ mbstdGroupSize }: Pick<NetworkConfig, 'mbstdGroupSize'>): boolean {
  return mbstdGroupSize === 'all' || mbstdGroupSize > 1;
}
