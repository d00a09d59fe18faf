/**
 * What a test result depends on beside the files Nx hashes: whether TensorFlow is provisioned for this user, whether
 * it could be, and whether the optional photographs are there. Printed as an Nx runtime input, so that a cached
 * result is honest.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const caches = {
  darwin: join(homedir(), 'Library/Caches/pggan'),
  linux: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pggan'),
};
const engines = join(process.env.PGGAN_CACHE ?? caches[process.platform] ?? '', 'engine');
const data = process.env.PGGAN_TEST_DATA ?? resolve(import.meta.dirname, '../../../shared/data');

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

console.log(
  JSON.stringify({
    // Only a finished engine has its receipt.
    provisioned: existsSync(engines)
      ? readdirSync(engines)
          .filter((folder) => existsSync(join(engines, folder, 'receipt.json')))
          .sort()
      : [],
    libtensorflow: process.env.PGGAN_LIBTENSORFLOW ?? null,
    programs: ['g++', 'pip3', 'python3'].filter(onPath),
    photographs: existsSync(join(data, 'faces-index.csv')),
    mnist: existsSync(join(data, 'mnist/train-images-idx3-ubyte.gz')),
    faceModel: existsSync(join(data, 'models/face_landmarker/face_landmarker.task')),
  }),
);
