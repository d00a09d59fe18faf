/** The provisioning program as a user meets it, and the README that describes it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { availableBackends } from '../src/backend/available.js';
import { temporaryFolder } from './helpers/temporary.js';

const root = temporaryFolder('main');
const project = join(import.meta.dirname, '..');
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const provisioned = (await availableBackends()).includes('tensorflow') && !process.env['PGGAN_LIBTENSORFLOW'];
const bare = { PATH: join(root, 'no-programs'), PGGAN_CACHE: join(root, 'cache'), NODE_OPTIONS: '' };

function node(args: readonly string[], env: NodeJS.ProcessEnv) {
  const typescript = new URL('../../../tools/test/typescript.mjs', import.meta.url).href;
  const loader = ['--import', typescript, '--conditions=@pggan/source'];
  return spawnSync(process.execPath, [...loader, ...args], { env, encoding: 'utf8' });
}

function main(args: readonly string[], env: NodeJS.ProcessEnv = bare) {
  return node([join(project, 'src', 'provision', 'main.ts'), ...args], env);
}

describe('nx run engine:provision', () => {
  it('prints the help that the README shows', () => {
    const { stdout, status } = main(['--help']);
    expect(status).toBe(0);
    expect(readme).toContain('```\n' + stdout + '```');
  });

  it.each([
    [['--varant', 'gpu'], /Unknown option '--varant'.*\nTry --help/],
    [['--variant', 'tpu'], /expected one of "cpu"\|"gpu"\n.*at variant/],
    [['gpu'], /Unexpected argument 'gpu'/],
  ])('refuses %j with status 2', (args, message) => {
    const { stderr, status } = main(args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  it('ends with status 1 and the remedy where something is missing', () => {
    const { stdout, stderr, status } = main([]);
    expect(stderr).toMatch(
      /No C\+\+ compiler found on PATH.*apt-get install g\+\+.*\n\[compiler-missing\]\n$/s,
    );
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });

  it.runIf(provisioned)('has nothing to do where the cache has it', () => {
    const { stderr, status } = main([], { ...process.env, NODE_OPTIONS: '' });
    expect(stderr).toMatch(/^TensorFlow 2\.21\.0 \(cpu\) was ready: .*\n$/);
    expect(status).toBe(0);
  });
});

describe('the README', () => {
  it('names every error code', () => {
    const source = readFileSync(join(project, 'src', 'errors.ts'), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '([\w-]+)'/gm)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(10);
    const named = [...readme.matchAll(/^\| `([\w-]+)` +\| (?!`)/gm)].map((match) => match[1]);
    expect(named).toEqual(expect.arrayContaining(codes));
  });

  it('has an example that runs', () => {
    // Inside the project, so that it finds @pggan/engine as the project itself.
    const file = join(project, 'test-output', 'readme-example.mts');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, /```ts\n(.*?)```/s.exec(readme)![1]!);
    const { stdout, stderr } = node([file], { ...process.env, NODE_OPTIONS: '' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^engine: (tensorflow|wasm).*\n\[ 2, 8, 8, 3 \]\n$/);
  });
});
