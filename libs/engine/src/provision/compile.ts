/** Compiling the binding that ships as C++ in the npm package against TensorFlow's headers and libraries. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EngineError } from '../errors.js';
import { runCommand, tail } from './command.js';
import { QUIET_SOURCE } from './quiet.js';
import type { Libraries } from './target.js';

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

/** A compiler and how to run it. */
export interface Toolchain {
  readonly compiler: string;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

export interface BindingOptions {
  readonly include: string; //          folder that holds tensorflow/c/c_api.h
  readonly libraryFolder: string; //    folder that holds both libraries now
  readonly libraries: Libraries;
  readonly rpath: string; //            where the binding looks for them later, `$ORIGIN/…` or absolute
  readonly output: string; //           path of the .node file; its folder exists
}

/** About 5 s. @throws EngineError `compile-failed` with the compiler's last lines, or `package-missing` */
export async function compileBinding(toolchain: Toolchain, options: BindingOptions): Promise<void> {
  const { include, rpath, output } = options;
  const sources = join(packageFolder('@tensorflow/tfjs-node-gpu'), 'binding');
  const stand = `${output}.link`;
  try {
    const libraries = await linkInputs(toolchain, options, stand);
    await compileAddon(toolchain, output, [
      `-I${include}`,
      `-I${sources}`,
      join(sources, 'tfjs_backend.cc'),
      join(sources, 'tfjs_binding.cc'),
      ...libraries,
      `-Wl,-rpath,${rpath}`,
    ]);
  } finally {
    await rm(stand, { recursive: true, force: true });
  }
}

/**
 * What the binding is linked with. All that the link leaves in it is the libraries' names, so on Linux empty
 * ones of the same names do: the linker would read 850 MB of symbols for nothing (10 s and as much memory).
 * Whether the real ones have the symbols, the smoke test tells.
 */
async function linkInputs(toolchain: Toolchain, options: BindingOptions, folder: string): Promise<string[]> {
  const names = [options.libraries.cc, options.libraries.framework];
  if (toolchain.platform !== 'linux') return names.map((name) => join(options.libraryFolder, name));
  await mkdir(folder);
  const empty = join(folder, 'empty.cc');
  await writeFile(empty, '');
  for (const name of names) {
    await compileAddon(toolchain, join(folder, name), [empty, `-Wl,-soname,${name}`]);
  }
  // Some distributions' compilers drop libraries that seem unused.
  return ['-Wl,--no-as-needed', ...names.map((name) => join(folder, name))];
}

/** The addon of quiet.ts, from a source file that it leaves beside the output for the curious. */
export async function compileQuietLoader(toolchain: Toolchain, output: string): Promise<void> {
  const source = `${output}.cc`;
  await writeFile(source, QUIET_SOURCE);
  await compileAddon(toolchain, output, [source, ...(toolchain.platform === 'linux' ? ['-ldl'] : [])]);
}

async function compileAddon(toolchain: Toolchain, output: string, inputs: readonly string[]): Promise<void> {
  const { compiler, platform, env, signal } = toolchain;
  const nodeApi = join(packageFolder('node-api-headers'), 'include');
  // Node's own symbols come from the process that loads the addon; macOS's linker wants to be told.
  const host = platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8', `-I${nodeApi}`, ...host];
  const result = await runCommand(compiler, [...flags, ...inputs, '-o', output], { env, signal });
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
