/** From a plan to the bytes of a JPEG file. */
import sharp, { type Sharp } from 'sharp';
import { drawBackground, type Area } from './backgrounds.js';
import { Dice } from './dice.js';
import { num } from './geometry.js';
import { drawObjects } from './objects.js';
import type { PicturePlan } from './plan.js';
import { drawPortrait } from './portrait.js';

interface Pixels {
  readonly data: Buffer; // RGB, row by row
  readonly width: number;
  readonly height: number;
}

/** Quarter turns and flips that turn an upright picture into what is stored under an EXIF orientation. */
const STORED_AS: Readonly<Record<number, (image: Sharp) => Sharp>> = {
  1: (image) => image,
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  6: (image) => image.rotate(270),
  8: (image) => image.rotate(90),
};

export async function renderPicture(plan: PicturePlan): Promise<Buffer> {
  const scene = await composeScene(plan);
  const simple = plan.encoding === 'rgb' && plan.orientation === 1;
  if (simple && (plan.defect === 'none' || plan.defect === 'jpeg')) {
    return scene.jpeg({ quality: plan.quality, optimiseCoding: false }).toBuffer();
  }
  const { data, info } = await scene.raw().toBuffer({ resolveWithObject: true });
  const pixels = degrade(plan, { data, width: info.width, height: info.height });
  return encode(plan, pixels);
}

/** Pixels of the small background, on its longer side. */
const backgroundSide = 72;

/** The background goes into the people's SVG as an image: scaling it there is far cheaper than in libvips. */
async function composeScene(plan: PicturePlan): Promise<Sharp> {
  const { width, height } = plan;
  const dice = new Dice(plan.sceneSeed);
  const backdrop = await renderBackdrop(plan, dice);
  const people = plan.faces
    .map((placed, i) => {
      const { x, y, roll, scale } = placed;
      const place = `translate(${num(x)} ${num(y)}) rotate(${num(roll)}) scale(${scale.toFixed(5)})`;
      return `<g transform="${place}">${drawPortrait(placed.face, { prefix: `f${i}-`, roll })}</g>`;
    })
    .reverse()
    .join('');
  const content = plan.faces.length > 0 ? people : drawObjects(plan, dice);
  const image = `<image width="${width}" height="${height}" preserveAspectRatio="none" href="data:image/png;base64,${backdrop.toString('base64')}"/>`;
  return sharp(Buffer.from(svg(width, height, plan, image + content))).removeAlpha();
}

function renderBackdrop(plan: PicturePlan, dice: Dice): Promise<Buffer> {
  const factor = backgroundSide / Math.max(plan.width, plan.height);
  const focus = dice.between(0.4, 1.5);
  const content = drawBackground(plan.background, plan, dice);
  const small = svg(Math.round(plan.width * factor), Math.round(plan.height * factor), plan, content);
  return sharp(Buffer.from(small)).removeAlpha().blur(focus).png({ compressionLevel: 0 }).toBuffer();
}

function svg(width: number, height: number, area: Area, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"` +
    ` viewBox="0 0 ${area.width} ${area.height}" preserveAspectRatio="none">${content}</svg>`
  );
}

/** Blur happens in `encode`, where the picture is an image again. */
function degrade(plan: PicturePlan, pixels: Pixels): Pixels {
  if (plan.defect !== 'noise') return pixels;
  const noise = new Dice(plan.sceneSeed ^ 0x3c6ef372).normals(pixels.data.length);
  const data = Buffer.alloc(pixels.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = (pixels.data[i] as number) + plan.amount * (noise[i] as number);
    data[i] = Math.max(0, Math.min(255, Math.round(value)));
  }
  return { ...pixels, data };
}

function encode(plan: PicturePlan, pixels: Pixels): Promise<Buffer> {
  const { width, height } = pixels;
  let image = sharp(pixels.data, { raw: { width, height, channels: 3 } });
  if (plan.defect === 'blur') image = image.blur(plan.amount);
  if (plan.defect === 'dark') image = image.linear(plan.amount, 0);
  image = (STORED_AS[plan.orientation] as (image: Sharp) => Sharp)(image);
  if (plan.orientation !== 1) image = image.withMetadata({ orientation: plan.orientation });
  if (plan.encoding === 'gray') image = image.toColourspace('b-w');
  if (plan.encoding === 'cmyk') image = image.toColourspace('cmyk');
  return image.jpeg({ quality: plan.quality, optimiseCoding: false }).toBuffer();
}
