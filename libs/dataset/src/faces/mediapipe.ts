/**
 * MediaPipe's browser bundle in plain Node (upstream supports browsers only: google-ai-edge/mediapipe #4800, #5237).
 *
 * Bundle and WebAssembly loader are compiled as functions whose parameters shadow the browser's globals, so nothing is
 * put on globalThis and nothing that they would do to the outside happens:
 * - `fetch` refuses. The bundle would post usage metrics to Google once a minute and on close; we promise no telemetry.
 * - `setInterval` does nothing: that metric sender is its only user, and would keep the process alive.
 * - `console` is silent: the graph logs a dozen lines per start straight to the terminal. The last few are kept for errors.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import type { FaceLandmarker, FilesetResolver } from '@mediapipe/tasks-vision';

const require = createRequire(import.meta.url);
const KEPT_LINES = 8;

export interface MediaPipe {
  readonly FaceLandmarker: typeof FaceLandmarker;
  readonly FilesetResolver: typeof FilesetResolver;
  readonly wasmFolder: string;
  /** The last lines that MediaPipe logged, oldest first. */
  readonly log: readonly string[];
}

/** Load a private copy of the library: copies share nothing, so that one that crashed does not harm the next. */
export function loadMediaPipe(): MediaPipe {
  const log: string[] = [];
  const keep = (...parts: unknown[]) => {
    log.push(parts.join(' '));
    if (log.length > KEPT_LINES) log.shift();
  };
  const self: Record<string, unknown> = {};
  const scope = {
    self,
    console: { log: keep, info: keep, warn: keep, error: keep, debug: keep },
    fetch: () => Promise.reject(new Error('MediaPipe has no network access here.')),
    setInterval: () => 0,
    WebGLRenderingContext: class {},
    WebGL2RenderingContext: class {},
    importScripts: (script: string) => {
      self['ModuleFactory'] = evaluate(script.startsWith('file:') ? fileURLToPath(script) : script, scope);
    },
  };
  const bundle = evaluate(require.resolve('@mediapipe/tasks-vision'), scope) as Pick<
    MediaPipe,
    'FaceLandmarker' | 'FilesetResolver'
  >;
  return {
    FaceLandmarker: bundle.FaceLandmarker,
    FilesetResolver: bundle.FilesetResolver,
    wasmFolder: dirname(require.resolve('@mediapipe/tasks-vision/vision_wasm_internal.js')),
    log,
  };
}

/** Run a CommonJS script with `scope` in front of the globals and return what it exports. */
function evaluate(path: string, scope: Record<string, unknown>): unknown {
  const module: { exports: unknown } = { exports: {} };
  const parameters = {
    module,
    exports: module.exports,
    require,
    __filename: path,
    __dirname: dirname(path),
    ...scope,
  };
  const script = compileFunction(readFileSync(path, 'utf8'), Object.keys(parameters), { filename: path });
  script(...Object.values(parameters));
  return module.exports;
}
