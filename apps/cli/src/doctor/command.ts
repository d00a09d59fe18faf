import { Command } from '@commander-js/extra-typings';
import { inspectMachine, speedCheck, startEngine } from '@pggan/engine';
import { z } from 'zod';
import type { Io } from '../io.js';
import { engineFlags, engineOptionShape } from '../options/engine.js';
import { parseOptions } from '../options/parse.js';
import { version } from '../version.js';
import { describeDiagnosis, type Diagnosis } from './describe.js';

const schema = z.strictObject({ ...engineOptionShape, json: z.boolean().default(false) });

/** `pggan doctor`: what this machine has, what would be used, and how fast that is. Changes nothing. */
export function doctorCommand(io: Io) {
  return new Command('doctor')
    .summary('show the engine, the machine and a speed check')
    .description('Shows which engine would be used and why, what this machine has, and how fast it is.')
    .option(...engineFlags.backend)
    .option(...engineFlags.threads)
    .option(...engineFlags.libtensorflow)
    .option('--json', 'print it as JSON on standard output')
    .action(async (raw) => {
      const { backend = 'auto', threads, libtensorflow, json } = parseOptions(schema, raw);
      const machine = await inspectMachine({ ...io.env });
      const engine = await startEngine({
        backend,
        ...(threads === undefined ? {} : { threads }),
        ...(libtensorflow === undefined ? {} : { libtensorflow }),
      });
      const speed = await speedCheck(engine.backend);
      const diagnosis: Diagnosis = { pggan: version, engine, machine, speed };
      io.stdout.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describeDiagnosis(diagnosis));
    });
}
