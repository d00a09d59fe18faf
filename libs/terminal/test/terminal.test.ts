import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  createProgress,
  formatBytes,
  formatDuration,
  formatRate,
  formatTable,
  printError,
} from '../src/index.js';
import { RateMeter } from '../src/rate-meter.js';

function capture(isTTY: boolean) {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  Object.assign(stream, { isTTY, columns: 120, cursorTo: () => true, clearLine: () => true });
  let text = '';
  stream.on('data', (chunk) => (text += chunk));
  return { stream, text: () => text };
}

describe('formatDuration', () => {
  it.each([
    [0.5, '1s'],
    [59.5, '1m 00s'],
    [3599.4, '59m 59s'],
    [7325, '2h 02m 05s'],
    [176525, '2d 01h 02m'],
  ])('%s seconds reads %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

it('formats sizes and rates', () => {
  expect(formatBytes(273829956)).toBe('261 MiB');
  expect(formatBytes(1536)).toBe('1.5 KiB');
  expect(formatRate(0.421, 'kimg')).toBe('0.42 kimg/s');
});

it('aligns text left and numbers right', () => {
  expect(
    formatTable([
      ['kept', 2131],
      ['no face', 7],
    ]),
  ).toBe('kept     2131\nno face     7');
});

describe('RateMeter', () => {
  it('follows the recent rate, not the average since the start', () => {
    const meter = new RateMeter(10);
    for (let t = 0; t <= 20; t++) meter.add(t, t * 100);
    let rate: number | undefined;
    for (let t = 21; t <= 40; t++) rate = meter.add(t, 2000 + (t - 20) * 10);
    expect(rate).toBeCloseTo(10, 6);
  });
  it('knows no rate before time has passed', () => {
    const meter = new RateMeter();
    expect(meter.add(0, 0)).toBeUndefined();
    expect(meter.add(0, 5)).toBeUndefined();
  });
});

describe('createProgress', () => {
  it('writes plain lines at intervals off a terminal, and always the last position', () => {
    const { stream, text } = capture(false);
    let now = 0;
    const progress = createProgress({
      title: 'align',
      unit: 'images',
      stream,
      clock: () => now,
      lineInterval: 10,
    });
    for (now = 0; now <= 25; now += 1) progress.update(now * 4, 200);
    progress.stop('done');
    expect(text()).toBe(
      [
        'align: 0 of 200 images',
        'align: 40 of 200 images, 4.0 images/s, 40s left',
        'align: 80 of 200 images, 4.0 images/s, 30s left',
        'align: 100 of 200 images, 4.0 images/s, 25s left',
        'done',
        '',
      ].join('\n'),
    );
  });
});

describe('printError', () => {
  it('prints only the message of an error with a code', () => {
    const { stream, text } = capture(false);
    printError(Object.assign(new Error('no face in a.jpg'), { code: 'no-face' }), stream);
    expect(text()).toBe('error: no face in a.jpg\n');
  });
  it('prints the stack of a bug', () => {
    const { stream, text } = capture(false);
    printError(new TypeError('x is undefined'), stream);
    expect(text()).toContain('terminal.test');
  });
});

it('the first interrupt aborts the signal and announces it, the second leaves with 130', () => {
  const script = `
    import { onInterrupt } from ${JSON.stringify(new URL('../src/interrupt.ts', import.meta.url).href)};
    const { signal } = onInterrupt((line) => console.log(line));
    signal.addEventListener('abort', () => { console.log('saving'); process.kill(process.pid, 'SIGINT'); setTimeout(() => { console.log('again'); process.kill(process.pid, 'SIGINT'); }, 700); });
    setTimeout(() => {}, 5000);
    process.kill(process.pid, 'SIGINT');`;
  const typescript = new URL('../../../tools/test/typescript.mjs', import.meta.url).href;
  const run = spawnSync(process.execPath, ['--import', typescript, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(run.stdout).toContain('saving');
  // A task runner may deliver the same key press twice within moments: that is still the first.
  expect(run.stdout).toContain('again');
  expect(run.stdout).toContain('Ctrl-C again');
  expect(run.status).toBe(130);
});
