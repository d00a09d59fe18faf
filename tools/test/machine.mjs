/**
 * What a test result depends on beside the files Nx hashes: whether TensorFlow is provisioned for this user and
 * whether the optional photographs are there. Printed as an Nx runtime input, so that a cached result is honest.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const caches = {
  darwin: join(homedir(), 'Library/Caches/pggan'),
  linux: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pggan'),
};
const cache = process.env.PGGAN_CACHE ?? caches[process.platform] ?? '';
const data = process.env.PGGAN_TEST_DATA ?? resolve(import.meta.dirname, '../../../shared/data');
console.log(
  JSON.stringify({
    provisioned: existsSync(cache) ? readdirSync(cache).sort() : [],
    libtensorflow: process.env.PGGAN_LIBTENSORFLOW ?? null,
    testData: existsSync(data),
  }),
);
