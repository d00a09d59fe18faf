/** `prep repair`: restore what is broken in a dataset. */
import { Command } from '@commander-js/extra-typings';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  remakeImages,
  repairDataset,
  type RecordedPart,
  type RepairedFile,
  type RepairReport,
} from '@pggan/dataset';
import { writeJson, type Io } from './io.js';
import { withSteps } from './steps.js';

const help = `
Verifies the dataset with SHA-256 and replaces the broken files, each at once and only by what has the SHA-256 of
index.json. Nothing that is sound is touched.

  level files     from a copy; or from their own sound records, the averages of the largest level, single flipped
                  bits put right by their checksum, and images made again from the pictures (--source)
  labels          from a copy
  manifest.jsonl  from a copy
  sheet.png       from a copy, or drawn anew
  index.json      from a copy, or made anew from sound files; so a dataset of the official tool gets one, too.
                  Source, settings and versions stand in no other file: what can be read of the broken one is kept,
                  and what is lost is said; a copy gives it back, later too

Exit codes: 0 everything is sound now, 1 something is left, or repairing failed (the message says what to do),
2 wrong command line, 130 stopped by Ctrl-C; files that were repaired until then stay.

Examples:
  prep repair data/datasets/sample --dry-run                say what could be repaired
  prep repair data/datasets/sample
  prep repair data/datasets/sample --from /backup/sample    take broken files from a copy
  prep repair data/datasets/people --source photos          make broken images again from the pictures`;

function sources({ records }: RepairedFile): string {
  if (!records) return '';
  const parts = [
    [records.kept, 'kept'],
    [records.mended, 'with a bit put right'],
    [records.recomputed, 'averaged from the largest level'],
    [records.remade, 'made from the pictures'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return ` (images: ${told.join(', ')})`;
}

const partNames: Record<RecordedPart, string> = {
  source: 'source',
  settings: 'settings',
  versions: 'versions',
  shuffleSeed: 'seed of the order',
  labels: 'names of the labels',
};

/** What only the index had, when there is nothing left to read it from. */
function lostText({ lost = [] }: RepairedFile): string {
  if (lost.length === 0) return '';
  return `, without ${lost.map((part) => partNames[part]).join(', ')}: no other file tells them, a copy's index.json would (--from)`;
}

const plural = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;

export function formatRepairReport({ directory, dryRun, repaired, unrepaired }: RepairReport): string {
  if (repaired.length === 0 && unrepaired.length === 0) return `${directory}: sound, nothing to repair`;
  const lines = [
    ...repaired.map(
      (each) => `${each.file}: ${dryRun ? 'can be ' : ''}${each.method}${sources(each)}${lostText(each)}`,
    ),
    ...unrepaired.map(({ file, why, advice }) => `${file}: not repaired: ${why}; try: ${advice}`),
  ];
  const done = dryRun ? 'would be repaired' : 'repaired';
  const left = unrepaired.length === 0 ? '' : `, ${plural(unrepaired.length)} left broken`;
  return [...lines, `${directory}: ${plural(repaired.length)} ${done}${left}`].join('\n');
}

async function run(
  io: Io,
  dataset: string,
  options: { readonly from?: string; readonly dryRun: boolean },
  { source, enhancer }: { readonly source: string | undefined; readonly enhancer: string | undefined },
): Promise<RepairReport> {
  const scratch = await mkdtemp(join(tmpdir(), 'pggan-repair-'));
  try {
    return await withSteps(io, { verify: 'bytes', repair: 'files' }, (work) =>
      repairDataset(dataset, {
        ...options,
        ...(source === undefined
          ? {}
          : {
              remakeImages: (index, records) =>
                remakeImages(dataset, index, records, { source, scratch, enhancer }),
            }),
        ...work,
      }),
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function repairCommand(io: Io) {
  return new Command('repair')
    .summary('restore the broken files of a dataset')
    .description('Restore the broken files of a dataset, bit for bit.')
    .argument('<dataset>', 'folder of the dataset')
    .option('--from <dir>', 'a copy of the dataset, to take broken files from')
    .option('--source <path>', 'the pictures the dataset was made from, to make broken images again')
    .option('--enhancer <file>', 'with --source: the ONNX model that faces were enhanced by')
    .option('--dry-run', 'find out what can be repaired, write nothing')
    .option('--json', 'print the report as JSON on standard output')
    .addHelpText('after', help)
    .action(async (dataset, { from, source, enhancer, dryRun = false, json }) => {
      const ways = { dryRun, ...(from === undefined ? {} : { from }) };
      const report = await run(io, dataset, ways, { source, enhancer });
      io.stderr.write(`${formatRepairReport(report)}\n`);
      if (json) writeJson(io, report);
      if (!report.sound) io.finding();
    });
}
