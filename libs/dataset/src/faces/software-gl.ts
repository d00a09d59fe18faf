/**
 * As much of WebGL2 as MediaPipe's CPU graph uses: it puts a picture into a texture and reads it back through a
 * framebuffer. Nothing is drawn and no shader is compiled, so the pixels of a texture are the whole state.
 *
 * Members beginning with `current…` must stay absent: the generated loader would take them for pixel buffers.
 */
interface Texture {
  pixels?: ArrayLike<number> & { subarray(begin: number, end: number): ArrayLike<number> }; // RGBA bytes
}

interface Framebuffer {
  texture?: Texture;
}

/** The strings that MediaPipe asks for by WebGL enum; every other parameter is 0. */
const PARAMETERS: Readonly<Record<number, string>> = {
  0x1f00: 'pggan', // VENDOR
  0x1f01: 'software', // RENDERER
  0x1f02: 'WebGL 2.0', // VERSION
  0x8b8c: 'WebGL GLSL ES 3.00', // SHADING_LANGUAGE_VERSION
};
const FRAMEBUFFER_COMPLETE = 0x8cd5;
const ALREADY_SIGNALED = 0x911a;

export class SoftwareGl {
  readonly drawingBufferWidth = 1;
  readonly drawingBufferHeight = 1;
  readonly TEXTURE_2D = 0x0de1;
  readonly RGBA = 0x1908;
  readonly UNSIGNED_BYTE = 0x1401;
  #texture: Texture | null = null;
  #framebuffer: Framebuffer | null = null;

  constructor(readonly canvas: object) {}

  getContextAttributes(): object {
    return {};
  }
  /** One harmless name: an empty list counts as a failed query. */
  getSupportedExtensions(): string[] {
    return ['WEBGL_lose_context'];
  }
  getExtension(): null {
    return null;
  }
  getParameter(name: number): string | number {
    return PARAMETERS[name] ?? 0;
  }
  getError(): number {
    return 0;
  }
  isContextLost(): boolean {
    return false;
  }

  createTexture(): Texture {
    return {};
  }
  bindTexture(_target: number, texture: Texture | null): void {
    this.#texture = texture;
  }
  /** Called as (target, level, internal format, format, type, {data, width, height}). */
  texImage2D(...args: unknown[]): void {
    const image = args[5] as { data: NonNullable<Texture['pixels']> } | number;
    if (args.length !== 6 || typeof image === 'number') {
      throw new TypeError('The software WebGL stand-in only takes whole pictures as textures.');
    }
    if (this.#texture) this.#texture.pixels = image.data;
  }
  createFramebuffer(): Framebuffer {
    return {};
  }
  bindFramebuffer(_target: number, framebuffer: Framebuffer | null): void {
    this.#framebuffer = framebuffer;
  }
  framebufferTexture2D(_target: number, _point: number, _kind: number, texture: Texture | null): void {
    if (!this.#framebuffer) return;
    if (texture) this.#framebuffer.texture = texture;
    else delete this.#framebuffer.texture;
  }
  checkFramebufferStatus(): number {
    return FRAMEBUFFER_COMPLETE;
  }
  /** Copies the whole attached picture: MediaPipe never asks for a part of one. */
  readPixels(
    _x: number,
    _y: number,
    width: number,
    height: number,
    _format: number,
    _type: number,
    target: { set(values: ArrayLike<number>, offset: number): void },
    offset = 0,
  ): void {
    const pixels = this.#framebuffer?.texture?.pixels;
    if (!pixels) throw new TypeError('readPixels: the bound framebuffer has no texture.');
    target.set(pixels.subarray(0, width * height * 4), offset);
  }
  fenceSync(): object {
    return {};
  }
  clientWaitSync(): number {
    return ALREADY_SIGNALED;
  }
  deleteTexture(texture: Texture | null): void {
    if (texture) delete texture.pixels;
  }

  activeTexture(): void {}
  texParameteri(): void {}
  deleteFramebuffer(): void {}
  deleteSync(): void {}
  waitSync(): void {}
  flush(): void {}
  finish(): void {}
}

/** A canvas whose only context is a SoftwareGl. */
export function softwareCanvas(): object {
  const canvas: { width: number; height: number; getContext?: () => SoftwareGl } = { width: 1, height: 1 };
  const gl = new SoftwareGl(canvas);
  canvas.getContext = () => gl;
  return canvas;
}
