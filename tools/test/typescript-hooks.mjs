/** Hooks of Node's module loader: `./x.js` in a TypeScript file means `x.ts`, which is compiled when it is loaded. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleOf } from './bundle.mjs';

const root = join(import.meta.dirname, '../..');
const compiled = join(root, 'node_modules/.cache/pggan-typescript');
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/esbuild/package.json'), 'utf8'));
/** Files that are compiled. */
const typescript = /\.m?ts$/;

export async function resolve(specifier, context, next) {
  // Where a program or a worker starts.
  if (context.parentURL === undefined && specifier.startsWith('file:') && typescript.test(specifier))
    return {
      url: pathToFileURL(await bundleOf(fileURLToPath(specifier))).href,
      format: 'module',
      shortCircuit: true,
    };
  if (/^(\.|file:).*\.m?js$/.test(specifier) && !context.parentURL?.includes('/node_modules/')) {
    const url = new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !typescript.test(new URL(url).pathname)) return next(url, context);
  return { format: 'module', source: await javascriptOf(fileURLToPath(url)), shortCircuit: true };
}

async function javascriptOf(file) {
  const source = readFileSync(file, 'utf8');
  // The name is in the source map.
  const key = createHash('sha256').update(`${version}\0${file}\0${source}`).digest('hex');
  const kept = join(compiled, `${key}.js`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { transform } = await import('esbuild');
  const { code } = await transform(source, {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
    sourcefile: file,
    sourcemap: 'inline',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  mkdirSync(compiled, { recursive: true });
  const aside = `${kept}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(aside, code);
  renameSync(aside, kept);
  return code;
}
