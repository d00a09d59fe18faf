import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FACE_MODEL, resolveFaceModel } from '../src/faces/index.js';
import { testData } from './faces-support.js';

const modelPath = join(testData, 'models/face_landmarker/face_landmarker.task');
const absent = !existsSync(modelPath);
let scratch: string;
let server: Server | undefined;

/** A real server on this machine; its address. */
async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((ready) => server!.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${FACE_MODEL.file}`;
}

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'pggan-model-'));
});
afterEach(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await new Promise<void>((closed) => (server ? server.close(() => closed()) : closed()));
  server = undefined;
});
const cached = () => join(scratch, 'models', FACE_MODEL.file);
const leftovers = () => (existsSync(join(scratch, 'models')) ? readdirSync(join(scratch, 'models')) : []);

describe('resolveFaceModel', () => {
  it('prefers the option, then PGGAN_FACE_MODEL', async () => {
    const [option, variable] = [join(scratch, 'option.task'), join(scratch, 'variable.task')];
    writeFileSync(option, '');
    writeFileSync(variable, '');
    const env = { PGGAN_FACE_MODEL: variable };
    expect(await resolveFaceModel({ modelPath: option, env })).toBe(option);
    expect(await resolveFaceModel({ env })).toBe(variable);
  });

  it.each([
    ['--face-model', (path: string) => ({ modelPath: path, env: {} })],
    ['PGGAN_FACE_MODEL', (path: string) => ({ env: { PGGAN_FACE_MODEL: path } })],
  ])('says when the file named by %s is not there', async (from, options) => {
    const attempt = resolveFaceModel(options(join(scratch, 'gone.task')));
    await expect(attempt).rejects.toMatchObject({ code: 'model-missing' });
    await expect(attempt).rejects.toThrow(new RegExp(`gone\\.task \\(named by ${from}\\)`));
  });

  it.skipIf(absent)(
    `downloads once, checks the sum, then uses the cache${absent ? ' (skipped: no model in PGGAN_TEST_DATA)' : ''}`,
    async () => {
      const url = await serve((_, response) => response.end(readFileSync(modelPath)));
      let seen = 0;
      const options = { env: { PGGAN_CACHE: scratch }, url, onProgress: (done: number) => (seen = done) };
      expect(await resolveFaceModel(options)).toBe(cached());
      expect(seen).toBe(FACE_MODEL.bytes);
      expect(leftovers()).toEqual([FACE_MODEL.file]);
      seen = 0;
      expect(await resolveFaceModel(options)).toBe(cached());
      expect(seen).toBe(0);
      // A file damaged in the cache is fetched again.
      writeFileSync(cached(), 'damaged');
      expect(await resolveFaceModel(options)).toBe(cached());
      expect(readFileSync(cached())).toHaveLength(FACE_MODEL.bytes);
    },
  );

  it.each<[string, string, RegExp, RequestListener]>([
    ['other bytes', 'model-invalid', /sha256 64184e22.* expected, got /, (_, r) => r.end('not a model')],
    ['404', 'model-missing', /answered 404 Not Found/, (_, r) => r.writeHead(404).end()],
    [
      'a connection cut in the middle',
      'model-missing',
      /Cannot download .*\(.+\)/,
      (_, r) => {
        r.writeHead(200, { 'content-length': String(FACE_MODEL.bytes) });
        r.write('PK', () => r.destroy());
      },
    ],
    [
      'a stream without an end',
      'model-missing',
      /more than the expected 3758596 bytes/,
      (_, r) => {
        const more = () => r.writable && r.write(Buffer.alloc(1 << 20), more);
        r.on('error', () => r.destroy());
        more();
      },
    ],
  ])('%s: a clear error with the remedy, nothing kept', async (_, code, message, answer) => {
    const url = await serve(answer);
    const attempt = resolveFaceModel({ cacheDir: scratch, env: {}, url });
    await expect(attempt).rejects.toMatchObject({ name: 'DatasetError', code });
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(/--face-model/);
    expect(leftovers()).toEqual([]);
  });

  it('a server that is silent: gives up in time', async () => {
    const url = await serve(() => {});
    const attempt = resolveFaceModel({ cacheDir: scratch, env: {}, url, timeout: 50 });
    await expect(attempt).rejects.toThrow(/it took too long.*--face-model/s);
    server!.closeAllConnections();
  });

  it('no network: says so', async () => {
    const url = await serve((_, r) => r.end());
    await new Promise((closed) => server!.close(closed));
    server = undefined;
    const attempt = resolveFaceModel({ cacheDir: scratch, env: {}, url });
    await expect(attempt).rejects.toMatchObject({ code: 'model-missing' });
    await expect(attempt).rejects.toThrow(/ECONNREFUSED.*--face-model/s);
  });

  it('uses the fetch it is given', async () => {
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      urls.push(String(input));
      return Promise.reject(new Error('no network in this test'));
    };
    await expect(resolveFaceModel({ cacheDir: scratch, env: {}, fetch })).rejects.toThrow(
      'no network in this test',
    );
    expect(urls).toEqual([FACE_MODEL.url]);
  });

  it.skipIf(absent)('a cache that cannot be written is its own error', async () => {
    const url = await serve((_, response) => response.end(readFileSync(modelPath)));
    const file = join(scratch, 'a file');
    writeFileSync(file, '');
    await expect(resolveFaceModel({ cacheDir: file, env: {}, url })).rejects.toMatchObject({
      code: 'output-failed',
      message: expect.stringContaining('PGGAN_CACHE'),
    });
  });
});
