/**
 * A program or worker written in TypeScript, with all of the workspace that it imports, as one JavaScript file and one more
 * for what it shares with each `import()`. Node 20 asks the hooks of its loader about every file in another thread: one file
 * instead of three hundred halves the processor time of a start, and tests start hundreds of programs and workers.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');
/** Below node_modules, so that packages are found from there. */
const kept = join(root, 'node_modules/.cache/pggan-bundles');
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/esbuild/package.json'), 'utf8'));
const ownHash = sha256(version, readFileSync(fileURLToPath(import.meta.url)));

/** @param {string} entry a TypeScript file @returns {Promise<string>} its bundle, made anew when a file in it has changed */
export async function bundleOf(entry) {
  const list = join(kept, `${sha256(entry)}.json`);
  const inputs = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : null;
  const known = inputs && folderFor(inputs);
  const folder = known && existsSync(known) ? known : await bundle(entry, list);
  return join(folder, basename(entry).replace(/ts$/, 'js'));
}

async function bundle(entry, list) {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    // What is only imported at need stays apart, with the packages that it needs.
    splitting: true,
    outdir: kept,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    conditions: ['@pggan/source'],
    sourcemap: 'inline',
    sourcesContent: false,
    outExtension: { '.js': basename(entry).endsWith('.mts') ? '.mjs' : '.js' },
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    plugins: [packagesOutside, ownPlaces],
  });
  const inputs = [entry, ...Object.keys(metafile.inputs).map((file) => join(root, file))];
  const folder = folderFor(inputs);
  const aside = `.${process.pid}-${Math.random().toString(36).slice(2)}`;
  mkdirSync(folder + aside, { recursive: true });
  for (const { path, contents } of outputFiles)
    writeFileSync(join(folder + aside, relative(kept, path)), contents);
  try {
    renameSync(folder + aside, folder);
  } catch (error) {
    // Another process was quicker, with the same files.
    if (!existsSync(folder)) throw error;
    rmSync(folder + aside, { recursive: true });
  }
  writeFileSync(list + aside, JSON.stringify(inputs));
  renameSync(list + aside, list);
  return folder;
}

/** Named by the contents of all that is bundled. @param {readonly string[]} inputs */
function folderFor(inputs) {
  const contents = inputs.map((file) => (existsSync(file) ? readFileSync(file) : 'gone'));
  return join(kept, sha256(ownHash, ...inputs.flatMap((file, i) => [file, sha256(contents[i])])));
}

/** @param {...(string | Uint8Array)} parts */
function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Node loads packages itself, but for those of the workspace and zod, which is a hundred files. @type {import('esbuild').Plugin} */
const packagesOutside = {
  name: 'packages-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || /^(@pggan\/|zod$)/.test(path) ? null : { path, external: true },
    );
  },
};

/** A file in a bundle finds what lies beside it where it lay itself. @type {import('esbuild').Plugin} */
const ownPlaces = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.m?ts$/ }, ({ path }) => {
      const places = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path };
      const source = readFileSync(path, 'utf8');
      return {
        loader: 'ts',
        contents: source.replace(/\bimport\.meta\.(url|dirname|filename)\b/g, (_, name) =>
          JSON.stringify(places[name]),
        ),
      };
    });
  },
};
