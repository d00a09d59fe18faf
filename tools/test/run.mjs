/**
 * `npm test`: provision what can be provisioned, then types, lint, format and every project's tests on this Node,
 * and the native parts' tests on a newer one as well. The last line counts everything: `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const nodeNext = join(root, 'tools/node-next');
const newerPackage = `node-${process.platform}-${process.arch}`;
const newerNode = join(nodeNext, 'node_modules', newerPackage, 'bin/node');
const packaged =
  newerPackage in JSON.parse(readFileSync(join(nodeNext, 'package.json'), 'utf8')).optionalDependencies;
/** Outside the projects: Nx keeps what lies in a project's test-output together with its cached result. */
const newerReports = join(nodeNext, 'test-output');
/** Where native parts or Node's internals are in play a newer Node may break: by project, part of the files' names. */
const testedOnNewerNode = {
  'libs/random': [],
  'libs/engine': ['test/backend', 'test/compile', 'test/leaks', 'test/memory', 'test/provision-life'],
  'libs/onnx': [],
  'libs/metrics': ['test/swd/cache', 'test/swd/distance'],
  'libs/dataset': [
    'test/kernels/jpeg',
    'test/kernels/kernels',
    'test/records/dataset',
    'test/records/exporter',
    'test/records/reader',
    'test/enhance',
    'test/faces-detector',
    'test/pipeline/decode',
    'test/pipeline/odd-pictures',
  ],
};

let passed = 0;
let failed = 0;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Checks that do not disturb each other, at the same time; what each prints is shown in one piece. */
async function checkTogether(...checks) {
  const results = checks.map(
    ([title, command, args]) =>
      new Promise((resolve) => {
        const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding('utf8').on('data', (text) => (output += text));
        child.on('error', (error) =>
          resolve({ title, output: `${command}: ${error.message}\n`, good: false }),
        );
        child.on('close', (code) => resolve({ title, output, good: code === 0 }));
      }),
  );
  for (const result of results) {
    const { title, output, good } = await result;
    console.log(`\n== ${title}`);
    process.stdout.write(output);
    if (good) passed++;
    else failed++;
  }
}

const nx = (...args) => ['npx', ['nx', ...args]];

/** The JSON reports vitest wrote, or Nx restored with a cached result. */
function reports() {
  const folders = ['apps', 'libs', 'tools'].flatMap((room) =>
    readdirSync(join(root, room)).map((project) => ({
      label: project,
      folder: join(root, room, project, 'test-output'),
    })),
  );
  return folders
    .filter(({ folder }) => existsSync(folder))
    .flatMap(({ label, folder }) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => ({
          file: join(folder, file),
          label: folder === newerReports ? `newer Node, ${file.slice(0, -'.json'.length)}` : label,
        })),
    );
}

function countTests() {
  const skipped = [];
  const broken = [];
  for (const { file, label } of reports()) {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    for (const suite of report.testResults) {
      // A file that cannot even be loaded has no failed test of its own.
      const silent = suite.status === 'failed' && suite.assertionResults.every((t) => t.status !== 'failed');
      if (silent) {
        failed++;
        broken.push(`${label}: ${suite.name} (does not load)`);
      }
      for (const test of suite.assertionResults) {
        if (test.status === 'skipped' || test.status === 'pending')
          skipped.push(`${label}: ${test.fullName}`);
        if (test.status === 'failed')
          broken.push(
            `${label}: ${test.fullName}\n    ${test.failureMessages.join('\n    ').slice(0, 1500)}`,
          );
      }
    }
  }
  if (skipped.length > 0) console.log(`\nSkipped here (${skipped.length}):\n  ${skipped.join('\n  ')}`);
  if (broken.length > 0) console.log(`\nFailed (${broken.length}):\n  ${broken.join('\n  ')}`);
}

for (const { file } of reports()) rmSync(file);

console.log('== engine: provision TensorFlow (tests of that backend are skipped where this cannot be done)');
run(...nx('run', 'engine:provision'));

// In few processes, each for all projects: the targets of Nx would load the compiler and its libraries two dozen times.
await checkTogether(
  ['types, and what the apps run from', 'npx', ['tsc', '--build']],
  ['project references are in sync', ...nx('sync:check')],
  ['format', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', 'npx', ['eslint', '.']],
);

console.log('\n== tests');
// One project at a time: TensorFlow, sharp and the worker threads each fill the cores themselves.
const green = run(...nx('run-many', '-t', 'test', '--parallel=1', '--output-style=static'));

console.log('\n== tests on a newer Node');
let newerGreen = true;
if (!packaged) {
  console.log(`skipped: no newer Node is packaged for ${process.platform} ${process.arch}`);
} else if (!run('npm', ['ci', '--no-workspaces', '--prefix', nodeNext]) || !existsSync(newerNode)) {
  newerGreen = false;
  console.error(`the package ${newerPackage} could not be installed`);
} else {
  run(newerNode, ['--version']);
  for (const [project, names] of Object.entries(testedOnNewerNode)) {
    const report = join(newerReports, `${project.replace('/', '-')}.json`);
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...names,
      `--root=${project}`,
      `--outputFile.json=${report}`,
    ];
    if (!run(newerNode, args)) newerGreen = false;
  }
}

countTests();
// A run that broke before it could write a report must not look green.
if (!(green && newerGreen) && failed === 0) failed++;
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
