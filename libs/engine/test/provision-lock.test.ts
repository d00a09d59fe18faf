import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tryLock } from '../src/provision/lock.js';
import { hostTag } from '../src/provision/scratch.js';
import { temporaryFolder } from './helpers/temporary.js';

it('a lock that a dead process left is taken over by one of those that find it', async () => {
  const folder = temporaryFolder('lock');
  const path = join(folder, '.lock');
  for (let round = 0; round < 20; round++) {
    writeFileSync(path, `${hostTag()} 4194305`); // above the largest process number
    const found = await Promise.all(Array.from({ length: 16 }, () => tryLock(path, Date.now)));
    const locks = found.filter((each) => 'release' in each);
    expect(locks).toHaveLength(1);
    await locks[0]!.release();
    expect(readdirSync(folder)).toEqual([]);
  }
});
