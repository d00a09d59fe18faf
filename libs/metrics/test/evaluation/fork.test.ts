import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ImageBatch } from '../../src/index.js';
import { fork, take } from '../../src/evaluation/fork.js';

const batch = (value: number, images = 2): ImageBatch => ({
  data: new Uint8Array(images).fill(value),
  channels: 1,
  width: 1,
  height: 1,
});

/** Batches 0, 1, …, with a count of what was read. */
function counted(most: number) {
  const state = { read: 0, closed: false };
  async function* source() {
    try {
      while (state.read < most) yield batch(state.read++);
    } finally {
      state.closed = true;
    }
  }
  return { state, source: source() };
}

async function collect(stream: AsyncIterable<ImageBatch>, wait = 0): Promise<number[]> {
  const values: number[] = [];
  for await (const { data } of stream) {
    values.push(data[0]!);
    if (wait > 0) await pause(wait);
  }
  return values;
}

const never = new AbortController().signal;
const all = Array.from({ length: 20 }, (_, i) => i);

describe('fork', () => {
  it('gives every reader everything, however fast it is', async () => {
    const { source, state } = counted(20);
    const [a, b, c] = fork(source, 3, never);
    expect(await Promise.all([collect(a!), collect(b!, 1), collect(c!)])).toEqual([all, all, all]);
    expect(state).toEqual({ read: 20, closed: true });
  });

  it('reads no more than a few batches ahead of the slowest', async () => {
    const { source, state } = counted(20);
    const [fast, slow] = fork(source, 2, never);
    const ended = collect(fast!);
    await slow!.next();
    await pause(20);
    expect(state.read).toBeLessThanOrEqual(6);
    expect(await collect(slow!)).toEqual(all.slice(1));
    expect(await ended).toEqual(all);
  });

  it('goes on when a reader has had enough, and ends the source when all have', async () => {
    const { source, state } = counted(20);
    const [a, b] = fork(source, 2, never);
    expect(await Promise.all([collect(take(a!, 3)), collect(take(b!, 20))])).toEqual([
      [0, 1],
      all.slice(0, 10),
    ]);
    expect(state.closed).toBe(true);
    expect(state.read).toBeLessThan(20);
  });

  it('tells every reader of an error of the source', async () => {
    async function* broken() {
      yield batch(0);
      throw new Error('the disk is gone');
    }
    const results = await Promise.allSettled(fork(broken(), 2, never).map((stream) => collect(stream)));
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual([
      'Error: the disk is gone',
      'Error: the disk is gone',
    ]);
  });

  it('wakes readers that wait for one that will never read', async () => {
    const stop = new AbortController();
    const [a] = fork(counted(20).source, 2, stop.signal);
    const ended = collect(a!).catch(String);
    await pause(5);
    stop.abort('stopped');
    expect(await ended).toBe('stopped');
  });
});

it('take cuts the last batch', async () => {
  const counts: number[] = [];
  for await (const { data } of take(counted(20).source, 5)) counts.push(data.length);
  expect(counts).toEqual([2, 2, 1]);
});
