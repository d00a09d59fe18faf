import { describe, expect, it } from 'vitest';
import { runHere } from './support.js';

describe('help', () => {
  it.each([
    ['pggan', []],
    ['train', ['train']],
    ['plan', ['plan']],
    ['explain', ['explain']],
    ['generate', ['generate']],
    ['interpolate', ['interpolate']],
    ['doctor', ['doctor']],
  ])('of %s is the committed text', async (name, argv) => {
    const { code, stdout, stderr } = await runHere(...argv, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`help/${name}.txt`);
  });

  it('prints the version', async () => {
    const { code, stdout } = await runHere('--version');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '0.1.0\n' });
  });
});

describe('a wrong command line ends with code 2 and says what is right', () => {
  it.each([
    [['train', '--kimgg', '5'], "error: unknown option '--kimgg'\n(Did you mean --kimg?)\n"],
    [['train', '--mini-batch', '5'], "error: unknown option '--mini-batch'\n(Did you mean --minibatch?)\n"],
    [['trian'], "error: unknown command 'trian'\n(Did you mean train?)\n"],
    [['train', 'extra'], 'too many arguments'],
    [['train', '--kimg'], "option '--kimg <n>' argument missing"],
    [['train', '--kimg', 'five'], 'error: --kimg: expected a number above 0, got "five"\n'],
    [['train', '--kimg', ''], '--kimg: expected a number above 0, got ""'],
    [['train', '--resolution', '48'], '--resolution: expected a power of two from 4 to 1024, got "48"'],
    [['train', '--seed', '-1'], '--seed: expected a whole number from 0 to 4294967295, got "-1"'],
    [['train', '--minibatch', '4:64;8:32'], '--minibatch: expected a number of images, or RESOLUTION:IMAGES'],
    [['train', '--preset', 'v3'], 'mnist-k4-progressive, got "v3"'],
    [['train', '--preset', 'v2-1gpu+no-hope'], '--preset: expected one of no-growing, no-pixelnorm'],
    [['train', '--labels', 'some'], '--labels: expected all or a number of components, got "some"'],
    [['generate', '--label', '0,x'], '--label: expected numbers such as 0,1,0, got "0,x"'],
    [['train', '--backend', 'cuda'], '--backend: expected one of auto, tensorflow, wasm, cpu, got "cuda"'],
    [['train', '--minutes', '3', '--kimg', '5'], '--minutes: chooses the lengths itself; drop it or --kimg'],
    [['train', '--resume', '--minutes', '8'], '--minutes: chooses the lengths of a new run'],
    [['train', '--keep-best', 'a:b'], '--keep-best: expected none, or a name with :lower or :higher'],
    [
      ['train', '--divergence', 'drift=1'],
      '--divergence: expected off, or KEY=VALUE pairs with keys non-finite',
    ],
    [['generate', '--seeds', '9-1'], '--seeds: expected up to 10000 seeds such as 1-16'],
    [['interpolate', '--grid', '3'], '--grid: expected columns x rows such as 3x2, got "3"'],
    [['interpolate', '--seconds', '0'], '--seconds: expected a number above 0, got "0"'],
    [['generate', '--seeds', '1-999999'], '--seeds: expected up to 10000 seeds'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await runHere(...argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
