/** Started by exporter.test.ts: `export-script.ts OUT` writes three images and puts them in place when its input ends. */
import { once } from 'node:events';
import { TFRecordExporter } from '../../src/index.js';

const exporter = await TFRecordExporter.create(process.argv[2]!, { size: 4, channels: 1 });
for (let i = 0; i < 3; i++) await exporter.add(new Uint8Array(16));
process.stdout.write('begun\n');
await once(process.stdin.resume(), 'end');
await exporter.finish();
