/** Images as a model wants to see them. */
import { PlaneResizer, type Resizer, type Size } from '@pggan/resample';
import { samplesOf, type ImageBatch, type ImageShape } from '../images/batch.js';

export interface InputPlan {
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: 'rgb' | 'bgr' | 'gray';
  readonly range: readonly [black: number, white: number];
  readonly mean?: readonly number[] | undefined;
  readonly deviation?: readonly number[] | undefined;
  readonly resizer: 'none' | Resizer;
  readonly size: Size | null; // null: that of the images
}

export class InputMaker {
  readonly #resizer: PlaneResizer | null;
  readonly #size: Size;
  readonly #planes: 1 | 3;

  /** `shape`: of all images to come. */
  constructor(
    private readonly plan: InputPlan,
    readonly shape: ImageShape,
  ) {
    const { size, resizer } = plan;
    this.#size = size ?? shape;
    const fits = this.#size.width === shape.width && this.#size.height === shape.height;
    this.#resizer = fits || resizer === 'none' ? null : new PlaneResizer(resizer, shape, this.#size);
    this.#planes = plan.channels === 'gray' ? 1 : 3;
  }

  /** The model's input of `batch` images: those of `images` from `first` on, and the last of them again where it ends. */
  make({ data }: ImageBatch, first: number, count: number, batch: number) {
    const { width, height } = this.#size;
    const each = this.#planes * width * height;
    const out = new Float32Array(batch * each);
    const samples = samplesOf(this.shape);
    for (let i = 0; i < count; i++)
      this.#write(data.subarray((first + i) * samples, (first + i + 1) * samples), out, i * each);
    for (let i = count; i < batch; i++) out.copyWithin(i * each, (count - 1) * each, count * each);
    const sides = this.plan.layout === 'nchw' ? [this.#planes, height, width] : [height, width, this.#planes];
    return { data: out, dims: [batch, ...sides] };
  }

  #write(image: Uint8Array, out: Float32Array, at: number): void {
    const { layout, channels, range, mean, deviation } = this.plan;
    const planes = this.#planes;
    const area = this.#size.width * this.#size.height;
    const [step, between] = layout === 'nchw' ? [1, area] : [planes, 1];
    const unit = (range[1] - range[0]) / 255;
    const plane = image.length / this.shape.channels;
    let levels: ArrayLike<number> = image;
    for (let c = 0; c < planes; c++) {
      const colour = channels === 'bgr' ? 2 - c : c;
      // Gray images have one plane, which serves as all three.
      if (c === 0 || this.shape.channels === 3) {
        const from = this.shape.channels === 3 ? colour * plane : 0;
        const source = image.subarray(from, from + plane);
        levels = this.#resizer ? this.#resizer.resize(source) : source;
      }
      const [less, over] = [mean?.[c] ?? 0, deviation?.[c] ?? 1];
      for (let p = 0, to = at + c * between; p < area; p++, to += step)
        out[to] = (levels[p]! * unit + range[0] - less) / over;
    }
  }
}
