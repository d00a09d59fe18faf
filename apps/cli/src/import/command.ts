import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { makeFolder } from '@pggan/files';
import { Command } from '@commander-js/extra-typings';
import { startEngine } from '@pggan/engine';
import {
  countParameters,
  disposeWeights,
  generatorVariables,
  imageShape,
  importGenerator,
  readTensorFile,
  saveGenerator,
} from '@pggan/model';
import { z } from 'zod';
import { CliError } from '../errors.js';
import { invocation, type Io } from '../io.js';
import { parseOptions } from '../options/parse.js';
import { numberOption, oneOf, textOption } from '../options/values.js';
import { shorten } from '../paths.js';
import { notWritable } from '../run/folder.js';
import { mappingNames, readMapping } from './mapping.js';

const schema = z.strictObject({
  mapping: textOption,
  out: textOption.default('imported.safetensors'),
  labels: numberOption({ integer: true, from: 1 }).optional(),
  scaling: oneOf(['fused', 'unfused']).optional(),
  show: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `pggan import`: another program's generator as one of ours. */
export function importCommand(io: Io) {
  return new Command('import')
    .summary("bring in another program's generator")
    .description(
      "Brings in another program's generator: a PyTorch state dictionary as safetensors, and a mapping that says which of " +
        'its tensors are which of ours. Every tensor must be known and of the right shape.',
    )
    .argument('[file]', 'the state dictionary, a safetensors file')
    .requiredOption('--mapping <mapping>', 'one of those below, or a JSON file')
    .option('--out <file>', 'what to write (default: imported.safetensors)')
    .option('--labels <n>', "components of the label among the generator's inputs (default: none)")
    .option('--scaling <form>', 'convert to fused or unfused, which compute the same (default: as mapped)')
    .option('--show', 'print the mapping as JSON, to make one of your own from it')
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', `${mappingHelp}${examples}`)
    .action(async (file, raw) => {
      const options = parseOptions(schema, raw);
      const mapping = await readMapping(options.mapping);
      if (options.show) {
        io.stdout.write(`${JSON.stringify(mapping, null, 2)}\n`);
        return;
      }
      if (file === undefined) throw new CliError('usage', 'expected a safetensors file to import, got none');
      const { tensors } = await readTensorFile(file, 'expected a safetensors file of a state dictionary');
      await startEngine({ backend: 'cpu' });
      const generator = importGenerator(tensors, mapping, {
        name: file,
        ...(options.labels === undefined ? {} : { labelSize: options.labels }),
        ...(options.scaling === undefined ? {} : { scaling: options.scaling }),
        origin: {
          importedFrom: basename(file),
          sha256: createHash('sha256')
            .update(await readFile(file))
            .digest('hex'),
        },
      });
      const out = resolve(options.out);
      try {
        await makeFolder(dirname(out));
        await saveGenerator(out, generator);
      } catch (error) {
        throw notWritable(dirname(out), error, '--out');
      } finally {
        disposeWeights(generator.weights);
      }
      const { config } = generator;
      const { width, height } = imageShape(config);
      const parameters = countParameters(generatorVariables(config));
      if (options.json)
        io.stdout.write(`${JSON.stringify({ generator: out, parameters, config }, null, 2)}\n`);
      io.stderr.write(
        `a generator of ${width}x${height} with ${parameters} parameters: ${shorten(out)}\n` +
          `make pictures with: ${invocation(io, 'generate')} ${shorten(out)}\n`,
      );
    });
}

const mappingHelp = `
Mappings:
${mappingNames.map((name) => `  ${name}`).join('\n')}
`;

const examples = `
Examples:
  pggan import G.safetensors --mapping pytorch-gan-zoo --out faces.safetensors
  pggan import --mapping pytorch-gan-zoo --show > mine.json
`;
