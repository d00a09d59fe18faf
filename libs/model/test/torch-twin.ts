/**
 * Generators as PyTorch computes them, [C, H, W] in plain loops over doubles: slow and obvious twins of the layouts
 * that can be imported, written from what their layers do, sharing nothing with the library.
 */
import type { RawTensor } from '../src/index.js';

/** [C, H, W] */
interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
}

export type StateDict = Record<string, RawTensor>;

export function planes(channels: number, height: number, width: number): Planes {
  return { channels, height, width, data: new Float64Array(channels * height * width) };
}

/** nn.Conv2d, stride 1: correlation with a kernel [out, in, k, k]. */
export function conv2d(x: Planes, w: RawTensor, padding: number): Planes {
  const [outputs, inputs, k] = w.shape as [number, number, number];
  const out = planes(outputs, x.height + 2 * padding - k + 1, x.width + 2 * padding - k + 1);
  for (let o = 0; o < outputs; o++)
    for (let y = 0; y < out.height; y++)
      for (let z = 0; z < out.width; z++) {
        let sum = 0;
        for (let i = 0; i < inputs; i++)
          for (let dy = 0; dy < k; dy++)
            for (let dz = 0; dz < k; dz++) {
              const [row, column] = [y + dy - padding, z + dz - padding];
              if (row < 0 || column < 0 || row >= x.height || column >= x.width) continue;
              sum +=
                w.data[((o * inputs + i) * k + dy) * k + dz]! *
                x.data[(i * x.height + row) * x.width + column]!;
            }
        out.data[(o * out.height + y) * out.width + z] = sum;
      }
  return out;
}

/** Kernel with both spatial axes reversed: what a convolution in the mathematical sense correlates with. */
export function mirrored(w: RawTensor): RawTensor {
  const k = w.shape[2]!;
  const area = k * k;
  return {
    shape: w.shape,
    data: w.data.map((_, i) => w.data[Math.floor(i / area) * area + (area - 1 - (i % area))]!),
  };
}

export function affine(x: Planes, scale: number, bias: ArrayLike<number>): Planes {
  const area = x.height * x.width;
  return { ...x, data: x.data.map((value, i) => value * scale + bias[Math.floor(i / area)]!) };
}

export function times(x: Planes, factor: number): Planes {
  return { ...x, data: x.data.map((value) => value * factor) };
}

export function leaky(x: Planes): Planes {
  return { ...x, data: x.data.map((value) => (value < 0 ? 0.2 * value : value)) };
}

export function pixelNorm(x: Planes): Planes {
  const area = x.height * x.width;
  const out = planes(x.channels, x.height, x.width);
  for (let p = 0; p < area; p++) {
    let squares = 0;
    for (let c = 0; c < x.channels; c++) squares += x.data[c * area + p]! ** 2;
    const norm = Math.sqrt(squares / x.channels + 1e-8);
    for (let c = 0; c < x.channels; c++) out.data[c * area + p] = x.data[c * area + p]! / norm;
  }
  return out;
}

export function nearest2(x: Planes): Planes {
  const out = planes(x.channels, 2 * x.height, 2 * x.width);
  for (let c = 0; c < x.channels; c++)
    for (let y = 0; y < out.height; y++)
      for (let z = 0; z < out.width; z++)
        out.data[(c * out.height + y) * out.width + z] =
          x.data[(c * x.height + (y >> 1)) * x.width + (z >> 1)]!;
  return out;
}

function latent(z: ArrayLike<number>): Planes {
  return { channels: z.length, height: 1, width: 1, data: Float64Array.from(z) };
}

/** GNet of pytorch_GAN_zoo: every layer's output, bias included, times He's constant. */
export function ganZooGenerator(dict: StateDict, scales: number, z: ArrayLike<number>): Float64Array {
  const layer = (x: Planes, name: string, padding: number) => {
    const w = dict[`${name}.weight`]!;
    const factor = Math.sqrt(2 / (w.data.length / w.shape[0]!));
    return times(affine(conv2d(x, w, padding), 1, dict[`${name}.bias`]!.data), factor);
  };
  const normal = pixelNorm(latent(z));
  const w = dict['formatLayer.weight']!;
  const [units, inputs] = w.shape as [number, number];
  const flat = Float64Array.from({ length: units }, (_, unit) => {
    let sum = dict['formatLayer.bias']!.data[unit]!;
    for (let i = 0; i < inputs; i++) sum += w.data[unit * inputs + i]! * normal.data[i]!;
    return sum * Math.sqrt(2 / inputs);
  });
  let x = pixelNorm(leaky({ channels: units / 16, height: 4, width: 4, data: flat }));
  x = pixelNorm(leaky(layer(x, 'groupScale0.0', 1)));
  for (let scale = 0; scale < scales; scale++) {
    x = nearest2(x);
    for (const i of [0, 1]) x = pixelNorm(leaky(layer(x, `scaleLayers.${scale}.${i}`, 1)));
  }
  return layer(x, `toRGBLayers.${scales}`, 0).data;
}

/** Generator of prog_gans_pytorch_inference: normalise, convolve, scale, bias, activate. */
export function inferenceGenerator(dict: StateDict, scales: number, z: ArrayLike<number>): Float64Array {
  const layer = (x: Planes, conv: string, wscale: string, padding: number) =>
    affine(
      conv2d(pixelNorm(x), dict[`${conv}.weight`]!, padding),
      dict[`${wscale}.scale`]!.data[0]!,
      dict[`${wscale}.b`]!.data,
    );
  let x = leaky(layer(latent(z), 'in_layer.1', 'in_layer.2', 3));
  for (let i = 0; i <= 2 * scales; i++) {
    // The upscaling copies pixels, so it may as well come before the normalisation.
    if (i % 2 === 1) x = nearest2(x);
    x = leaky(layer(x, `upsampling_layers.${i}.conv`, `upsampling_layers.${i}.wscale`, 1));
  }
  return layer(x, 'out_layer.1', 'out_layer.2', 0).data;
}

/** G of the Theano version at full resolution: convolutions mirror their kernels. */
export function theanoGenerator(dict: StateDict, scales: number, z: ArrayLike<number>): Float64Array {
  const scaled = (x: Planes, name: string) =>
    affine(x, dict[`${name}/scale`]!.data[0]!, dict[`${name}/b`]!.data);
  const conv = (x: Planes, name: string) =>
    pixelNorm(leaky(scaled(conv2d(x, mirrored(dict[`${name}/W`]!), 1), name)));
  // A full convolution is a correlation with the mirrored kernel and k - 1 pixels of padding.
  const first = conv2d(pixelNorm(latent(z)), mirrored(dict['4x4/Dense/W']!), 3);
  let x = pixelNorm(leaky(scaled(first, '4x4/Dense')));
  x = conv(x, '4x4/Conv');
  for (let scale = 0; scale < scales; scale++) {
    const side = 8 * 2 ** scale;
    x = conv(conv(nearest2(x), `${side}x${side}/Conv0`), `${side}x${side}/Conv1`);
  }
  const w = dict['ToRGB_lod0/W']!;
  const [inputs, outputs] = w.shape as [number, number];
  const transposed = Float32Array.from(
    w.data,
    (_, i) => w.data[(i % inputs) * outputs + Math.floor(i / inputs)]!,
  );
  return scaled(conv2d(x, { shape: [outputs, inputs, 1, 1], data: transposed }, 0), 'ToRGB_lod0').data;
}
