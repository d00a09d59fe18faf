/**
 * A growing SVG: shapes in drawing order plus the gradients and clips they refer to.
 *
 * Gradients in user space replace SVG filters everywhere: librsvg's Gaussian blur costs more than
 * the whole rest of a portrait.
 */
import { css, type Rgb } from './palette.js';
import { num, type Point } from './geometry.js';

/** Position 0..1, colour, opacity 0..1 (1 when absent). */
export type Stop = readonly [offset: number, color: Rgb, opacity?: number];

export interface StrokeStyle {
  readonly color: Rgb;
  readonly width: number;
  readonly opacity?: number;
}

export class Sketch {
  readonly #prefix: string;
  readonly #defs: string[] = [];
  readonly #shapes: string[] = [];

  /** @param prefix keeps the ids of several sketches in one document apart */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  linear(from: Point, to: Point, stops: readonly Stop[]): string {
    return this.#paint(
      `linearGradient x1="${num(from[0])}" y1="${num(from[1])}" x2="${num(to[0])}" y2="${num(to[1])}"`,
      'linearGradient',
      stops,
    );
  }

  /** @param squash height of the ellipse over its width */
  radial(center: Point, radius: number, stops: readonly Stop[], squash = 1): string {
    const [x, y] = center;
    const shape =
      squash === 1 ? '' : ` gradientTransform="matrix(1 0 0 ${num(squash)} 0 ${num(y * (1 - squash))})"`;
    return this.#paint(
      `radialGradient cx="${num(x)}" cy="${num(y)}" r="${num(radius)}"${shape}`,
      'radialGradient',
      stops,
    );
  }

  /** Opaque in the middle, gone at the rim; the usual stop list of a soft spot. */
  soft(center: Point, radius: number, color: Rgb, opacity: number, squash = 1): void {
    const paint = this.radial(
      center,
      radius,
      [
        [0, color, opacity],
        [0.5, color, opacity * 0.55],
        [1, color, 0],
      ],
      squash,
    );
    this.ellipse(center, radius, radius * squash, paint);
  }

  path(d: string, paint: string | Rgb, opacity = 1): void {
    this.#shapes.push(`<path d="${d}" fill="${fill(paint)}"${alpha('fill', opacity)}/>`);
  }

  line(d: string, stroke: StrokeStyle): void {
    this.#shapes.push(
      `<path d="${d}" fill="none" stroke="${css(stroke.color)}" stroke-width="${num(stroke.width)}"` +
        ` stroke-linecap="round" stroke-linejoin="round"${alpha('stroke', stroke.opacity ?? 1)}/>`,
    );
  }

  ellipse(center: Point, rx: number, ry: number, paint: string | Rgb, opacity = 1): void {
    this.#shapes.push(
      `<ellipse cx="${num(center[0])}" cy="${num(center[1])}" rx="${num(rx)}" ry="${num(ry)}"` +
        ` fill="${fill(paint)}"${alpha('fill', opacity)}/>`,
    );
  }

  /** Everything that `draw` adds is kept inside the outline `d`. */
  clipped(d: string, draw: () => void): void {
    const id = this.#id();
    this.#defs.push(`<clipPath id="${id}"><path d="${d}"/></clipPath>`);
    this.#shapes.push(`<g clip-path="url(#${id})">`);
    draw();
    this.#shapes.push('</g>');
  }

  transformed(transform: string, draw: () => void): void {
    this.#shapes.push(`<g transform="${transform}">`);
    draw();
    this.#shapes.push('</g>');
  }

  toString(): string {
    return `<defs>${this.#defs.join('')}</defs>${this.#shapes.join('')}`;
  }

  #paint(open: string, tag: string, stops: readonly Stop[]): string {
    const id = this.#id();
    const list = stops
      .map(
        ([offset, color, opacity = 1]) =>
          `<stop offset="${num(offset)}" stop-color="${css(color)}"${opacity === 1 ? '' : ` stop-opacity="${num(opacity)}"`}/>`,
      )
      .join('');
    this.#defs.push(`<${open.replace(' ', ` id="${id}" gradientUnits="userSpaceOnUse" `)}>${list}</${tag}>`);
    return `url(#${id})`;
  }

  #id(): string {
    return `${this.#prefix}${this.#defs.length}`;
  }
}

function fill(paint: string | Rgb): string {
  return typeof paint === 'string' ? paint : css(paint);
}

/** Never plain `opacity`: for that librsvg composes each element in a surface of its own, as big as the picture. */
function alpha(of: 'fill' | 'stroke', opacity: number): string {
  return opacity === 1 ? '' : ` ${of}-opacity="${num(opacity)}"`;
}
