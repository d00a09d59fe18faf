import { availableBackends, startEngine, type BackendName } from '@pggan/engine';
import { beforeAll, describe } from 'vitest';

const available = await availableBackends();

/** A block of tests per backend; one that this machine lacks is skipped by name. */
export function onBackends(names: readonly BackendName[], body: (name: BackendName) => void): void {
  for (const name of names) {
    const run = available.includes(name) ? describe : describe.skip;
    run(`on ${name}`, () => {
      beforeAll(async () => {
        await startEngine({ backend: name, threads: 2 });
      });
      body(name);
    });
  }
}
