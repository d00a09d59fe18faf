/** The network in plain loops and float64: slow and obvious. */

/** A variable as numbers. */
export interface Variable {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type Variables = Readonly<Record<string, Variable>>;

/** A map of `channels` values at every place, [height, width, channels]. */
interface Planes {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/** 3x3, zeros around, bias, rectified. */
function convolve(x: Planes, weight: Variable, bias: Variable): Planes {
  const channels = weight.shape[3]!;
  const data = new Float64Array(x.width * x.height * channels);
  for (let row = 0; row < x.height; row++)
    for (let column = 0; column < x.width; column++)
      for (let out = 0; out < channels; out++) {
        let sum = bias.data[out]!;
        for (let down = 0; down < 3; down++)
          for (let right = 0; right < 3; right++) {
            const [y, z] = [row + down - 1, column + right - 1];
            if (y < 0 || y >= x.height || z < 0 || z >= x.width) continue;
            for (let c = 0; c < x.channels; c++)
              sum +=
                x.data[(y * x.width + z) * x.channels + c]! *
                weight.data[((down * 3 + right) * x.channels + c) * channels + out]!;
          }
        data[(row * x.width + column) * channels + out] = Math.max(0, sum);
      }
  return { ...x, channels, data };
}

function halve(x: Planes): Planes {
  const [width, height] = [x.width / 2, x.height / 2];
  const data = new Float64Array(width * height * x.channels);
  x.data.forEach((value, at) => {
    const place = Math.floor(at / x.channels);
    const [row, column] = [Math.floor(place / x.width) >> 1, (place % x.width) >> 1];
    data[(row * width + column) * x.channels + (at % x.channels)]! += value / 4;
  });
  return { ...x, width, height, data };
}

function layer(x: Float64Array, weight: Variable, bias: Variable): Float64Array {
  const outputs = bias.data.length;
  return bias.data.map((value, out) =>
    x.reduce((sum, input, i) => sum + input * weight.data[i * outputs + out]!, value),
  );
}

/** Of one image [height, width], levels 0…255. */
export function referenceOutputs(variables: Variables, image: Uint8Array, width: number) {
  const of = (name: string) => [variables[`${name}/weight`]!, variables[`${name}/bias`]!] as const;
  let x: Planes = {
    width,
    height: image.length / width,
    channels: 1,
    data: Float64Array.from(image, (v) => v / 255),
  };
  for (const name of ['conv0', 'conv1', 'conv2']) x = halve(convolve(x, ...of(name)));
  const features = layer(x.data, ...of('features')).map((value) => Math.max(0, value));
  return { features, logits: layer(features, ...of('logits')) };
}

/** Mean cross-entropy of images one after the other, nats. */
export function referenceLoss(
  variables: Variables,
  images: Uint8Array,
  width: number,
  height: number,
  classes: readonly number[],
): number {
  const area = width * height;
  const losses = classes.map((value, i) => {
    const { logits } = referenceOutputs(variables, images.subarray(i * area, (i + 1) * area), width);
    return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[value]!;
  });
  return losses.reduce((a, b) => a + b) / losses.length;
}
