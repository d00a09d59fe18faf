/** Does the binding load and multiply? Asked in a child process: a bad library may kill whoever loads it. */
import { z } from 'zod';
import { EngineError } from '../errors.js';
import { runCommand, tail } from './command.js';

/** [[1,2],[3,4]] times [[5],[6]] through the raw binding: no npm package takes part. */
const SCRIPT = `
const [loader, library, addon] = process.argv.slice(1);
if (!require(loader)(library)) console.error('the quiet loader could not load ' + library);
const binding = require(addon);
const matrix = (shape, values) => binding.createTensor(shape, binding.TF_FLOAT, new Float32Array(values));
const attribute = (name, type, value) => ({ name, type, value });
const [product] = binding.executeOp(
  'MatMul',
  [
    attribute('T', binding.TF_ATTR_TYPE, binding.TF_FLOAT),
    attribute('transpose_a', binding.TF_ATTR_BOOL, false),
    attribute('transpose_b', binding.TF_ATTR_BOOL, false),
  ],
  [matrix([2, 2], [1, 2, 3, 4]), matrix([2, 1], [5, 6])],
  1,
);
const values = Array.from(binding.tensorDataSync(product.id));
process.stdout.write(JSON.stringify({ version: binding.TF_Version, gpu: binding.isUsingGpuDevice(), values }));
`;

const answerSchema = z.object({ version: z.string(), gpu: z.boolean(), values: z.array(z.number()) });

export interface SmokeResult {
  readonly version: string; // TensorFlow's own, as 2.21.0
  readonly gpu: boolean; //    whether TensorFlow found a GPU to run on
}

/** About a second. @throws EngineError `smoke-test-failed` */
export async function smokeTest(
  files: { readonly quietLoader: string; readonly framework: string; readonly binding: string },
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<SmokeResult> {
  // A loader named in NODE_OPTIONS belongs to the parent's program and may not even resolve from here.
  const childEnv = { ...env, TF_CPP_MIN_LOG_LEVEL: '3', NODE_OPTIONS: '' };
  const result = await runCommand(
    process.execPath,
    ['-e', SCRIPT, files.quietLoader, files.framework, files.binding],
    { env: childEnv, signal },
  );
  const fail = (why: string) =>
    new EngineError(
      'smoke-test-failed',
      `TensorFlow's Node binding was compiled but does not work (${why}):\n${tail(result.output)}\n` +
        `SIGILL means a processor without AVX; undefined symbols mean headers and library of different versions.`,
    );
  if (!result.ok) throw fail(result.status);
  let answer: z.infer<typeof answerSchema>;
  try {
    answer = answerSchema.parse(JSON.parse(result.stdout));
  } catch {
    throw fail('unreadable answer');
  }
  if (answer.values.join() !== '17,39') throw fail(`expected the product 17,39, got ${answer.values.join()}`);
  return { version: answer.version, gpu: answer.gpu };
}
