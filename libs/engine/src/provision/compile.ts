/** Compiling the binding that ships as C++ in the npm package against TensorFlow's headers and libraries. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from '../errors.js';
import { runCommand, tail } from './command.js';
import { type Libraries } from './target.js';

const require = createRequire(import.meta.url);

/** @throws EngineError `compiler-missing` naming everything that was tried; `CXX` is tried first, alone. */
export async function findCompiler(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  const candidates = env['CXX'] ? [env['CXX']] : ['c++', 'g++', 'clang++'];
  for (const compiler of candidates) {
    const { ok } = await runCommand(compiler, ['--version'], { env, signal });
    if (ok) return compiler;
  }
  throw new EngineError(
    'compiler-missing',
    `No C++ compiler found on PATH (tried ${candidates.join(', ')}); TensorFlow's Node binding is compiled on this machine. ` +
      `Install one (Debian and Ubuntu: apt-get install g++; macOS: xcode-select --install), or set CXX.`,
  );
}

export interface CompileOptions {
  readonly compiler: string;
  readonly include: string; //          folder that holds tensorflow/c/c_api.h
  readonly libraryFolder: string; //    folder that holds both libraries now
  readonly libraries: Libraries;
  readonly rpath: string; //            where the binding looks for them later, `$ORIGIN/…` or absolute
  readonly output: string; //           path of the .node file
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** About 10 s. @throws EngineError `compile-failed` with the compiler's last lines, or `package-missing` */
export async function compileBinding(options: CompileOptions): Promise<void> {
  const { compiler, output, env, signal } = options;
  await mkdir(dirname(output), { recursive: true });
  const result = await runCommand(compiler, compilerArguments(options), { env, signal });
  if (result.ok) return;
  if (/No space left on device/.test(result.output)) {
    throw new EngineError(
      'disk-full',
      `The disk filled up while compiling the binding. Free some space, or point PGGAN_CACHE at a roomier disk.`,
    );
  }
  throw new EngineError(
    'compile-failed',
    `${compiler} could not compile TensorFlow's Node binding (${result.status}):\n${tail(result.output)}\n` +
      `A compiler with C++17 is needed (g++ 8 or clang 7 and newer); set CXX to choose another one.`,
  );
}

function compilerArguments(options: CompileOptions): string[] {
  const { include, libraryFolder, libraries, rpath, output, platform } = options;
  const sources = packageFolder('@tensorflow/tfjs-node-gpu');
  const nodeApi = join(packageFolder('node-api-headers'), 'include');
  return [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    '-w',
    '-DNAPI_VERSION=8',
    ...[nodeApi, include, join(sources, 'binding')].map((folder) => `-I${folder}`),
    join(sources, 'binding', 'tfjs_backend.cc'),
    join(sources, 'binding', 'tfjs_binding.cc'),
    join(libraryFolder, libraries.cc),
    join(libraryFolder, libraries.framework),
    `-Wl,-rpath,${rpath}`,
    // Node's own symbols come from the process that loads the addon; macOS's linker wants to be told.
    ...(platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
    '-o',
    output,
  ];
}

/** Root of an npm package. @throws EngineError `package-missing`: both are optional dependencies. */
export function packageFolder(name: string): string {
  const roots = require.resolve.paths(name) ?? [];
  const found = roots.map((root) => join(root, name)).find((path) => existsSync(join(path, 'package.json')));
  if (found) return found;
  throw new EngineError(
    'package-missing',
    `The npm package ${name} is not installed; the tensorflow backend needs it. Run npm install without --omit=optional.`,
  );
}
