import { z } from 'zod';

/** Smallest and largest side of a generated image, in pixels. */
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

/**
 * The shape of both networks (facts 1.1-1.6). Parsing fills in the official defaults and resolves
 * `latentSize`; parsing a parsed configuration again gives the same one.
 */
export const networkConfigSchema = z
  .strictObject({
    /** Side of the final images in pixels. */
    resolution: resolutionSchema,
    /** 3 for RGB, 1 for gray. */
    numChannels: z.union([z.literal(1), z.literal(3)]).default(3),
    /** Components of the label that G is conditioned on and D predicts; 0 = unconditional. */
    labelSize: z.literal(0).default(0),
    /** Feature maps at stage 0 before the cap; halves with every stage when the decay is 1. */
    fmapBase: z.number().positive().default(8192),
    /** log2 of the factor by which the maps shrink per stage. */
    fmapDecay: z.number().min(0).default(1),
    /** Most feature maps any layer has. */
    fmapMax: z.number().int().positive().default(512),
    /** Components of a latent vector; absent = the maps of stage 0. */
    latentSize: z.number().int().positive().optional(),
    /** Pixel-norm the latents before the first layer. */
    normalizeLatents: z.boolean().default(true),
    /** Equalised learning rate: N(0,1) weights, scaled by the He constant at every use. */
    useWscale: z.boolean().default(true),
    /** Pixel norm after every layer of G but toRGB. */
    usePixelnorm: z.boolean().default(true),
    /** Added to the mean square inside pixel norm. */
    pixelnormEpsilon: z.number().positive().default(1e-8),
    /** Leaky ReLU (slope 0.2) in G instead of plain ReLU; D is always leaky. */
    useLeakyRelu: z.boolean().default(true),
    /** Samples per minibatch-stddev group; 0 or 1 = no such layer. */
    mbstdGroupSize: z.number().int().min(0).default(4),
    /** Resample inside the convolution; D computes another function than without (facts 1.3). */
    fusedScale: z.boolean().default(true),
  })
  .superRefine((config, context) => {
    const stages = Math.log2(config.resolution) - 1;
    if (featureMaps(config, stages) < 1) {
      context.addIssue({
        code: 'custom',
        path: ['fmapBase'],
        message:
          `${config.fmapBase} leaves no feature map at ${config.resolution}x${config.resolution}; ` +
          `expected at least ${Math.ceil(2 ** (stages * config.fmapDecay))}`,
      });
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
