import { describe, expect, it } from 'vitest';
import { runHere } from './support.js';

describe('help', () => {
  it.each([
    ['pggan', []],
    ['train', ['train']],
    ['plan', ['plan']],
    ['explain', ['explain']],
    ['evaluate', ['evaluate']],
    ['compare', ['compare']],
    ['generate', ['generate']],
    ['interpolate', ['interpolate']],
    ['neighbours', ['neighbours']],
    ['classifier', ['classifier']],
    ['export', ['export']],
    ['import', ['import']],
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
    [
      ['train', '--metrics', 'swdd'],
      '--metrics: expected swd, msssim, fid, kid, is, pr, modes with a number',
    ],
    [['train', '--metrics-every', '3'], '--metrics-every: says how often to measure, and nothing is'],
    [['evaluate', '--metrics', 'none'], '--metrics: expected swd, msssim, fid'],
    [['train', '--keep-best', 'a:b'], '--keep-best: expected none, or a name with :lower or :higher'],
    [
      ['train', '--divergence', 'drift=1'],
      '--divergence: expected off, or KEY=VALUE pairs with keys non-finite',
    ],
    [['generate', '--seeds', '9-1'], '--seeds: expected up to 10000 seeds such as 1-16'],
    [['interpolate', '--grid', '3'], '--grid: expected columns x rows such as 3x2, got "3"'],
    [['interpolate', '--seconds', '0'], '--seconds: expected a number above 0, got "0"'],
    [['generate', '--seeds', '1-4', '--latents', 'z.npy'], '--latents: pictures are of latents or of seeds'],
    [['generate', '--save-latents', 'z.txt'], '--save-latents: expected a name that ends in .npy'],
    [['generate', '--resolution', '24'], '--resolution: expected a power of two from 4 to 1024, got "24"'],
    [['export'], "required option '--format <format>' not specified"],
    [['export', '--format', 'onyx'], '--format: expected one of onnx, tfjs, safetensors, got "onyx"'],
    [
      ['export', '--format', 'onnx', '--lod', '1', '--resolution', '8'],
      '--lod: and --resolution say the same',
    ],
    [['export', '--format', 'safetensors', '--lod', '1'], '--format: safetensors hold every resolution'],
    [['import', 'G.safetensors'], "required option '--mapping <mapping>' not specified"],
    [['import', '--mapping', 'official'], 'expected a safetensors file to import, got none'],
    [
      ['import', 'G', '--mapping', 'official', '--scaling', 'both'],
      '--scaling: expected one of fused, unfused, got "both"',
    ],
    [['classifier'], "required option '--data <dir>' not specified"],
    [
      ['classifier', '--data', 'd', '--epochs', '0'],
      '--epochs: expected a whole number from 1 to 1000, got "0"',
    ],
    [['neighbours', '--neighbours', '0'], '--neighbours: expected a whole number from 1 to 100, got "0"'],
    [['generate', '--seeds', '1-999999'], '--seeds: expected up to 10000 seeds'],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await runHere(...argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
