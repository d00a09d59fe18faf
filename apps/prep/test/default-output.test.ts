/** Nx must name the folder that a build writes before it runs; it lies outside of any package, so it is run, not imported. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { outputOf, sampleSource } from '../src/commands/build-options.js';

const plugin = new URL('../../../tools/nx/dataset-outputs.mjs', import.meta.url).href;
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What commander hands over when nothing is given. */
const defaults = { source: sampleSource, kind: 'auto', split: 'train' };

const lines: { source?: string; kind?: string; split?: string; out?: string }[] = [
  {},
  { source: 'photos' },
  { source: '/pictures/my.photos/' },
  { source: 'views.tar.gz' },
  { source: 'VIEWS.ZIP' },
  { source: 'mnist', kind: 'mnist-rgb' },
  { source: 'mnist', split: 'test' },
  { source: 'mnist', kind: 'mnist-rgb', split: 'test' },
  { source: 'photos', out: 'elsewhere/set' },
  { out: 'elsewhere/set' },
];

it('Nx and the program name the same folder for every command line', () => {
  const argvs = lines.map((line) => Object.entries(line).flatMap(([name, value]) => [`--${name}`, value]));
  const script = `
    const { datasetFolder } = await import(process.argv[1]);
    console.log(JSON.stringify(JSON.parse(process.argv[2]).map(datasetFolder)));`;
  const told = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', script, plugin, JSON.stringify(argvs)],
    { cwd: root, encoding: 'utf8' },
  );
  const expected = lines.map((line) => outputOf({ ...defaults, ...line }).replaceAll('\\', '/'));
  expect(JSON.parse(told)).toEqual(expected);
  expect(new Set(expected).size).toBeGreaterThan(6);
});
