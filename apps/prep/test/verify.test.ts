import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { flip, makeDataset, makeHollow, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const sound = join(folder, 'sound');
const broken = join(folder, 'broken');
// A record of 16x12 RGB.
const recordBytes = 631;

beforeAll(async () => {
  await makeDataset(sound, { labels: true });
  await cp(sound, broken, { recursive: true });
  await flip(broken, 'set-r04.tfrecords', 2 * recordBytes + 300);
  await flip(broken, 'set-rxx.labels', 140);
});

it('help', async () => {
  const { code, stdout } = await prepHere(['verify', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/verify.txt');
});

describe('prep verify', () => {
  it('of a sound dataset ends with 0', async () => {
    const { code, stdout, stderr } = await prepHere(['verify', sound, '--sha256']);
    expect(stderr).toMatch(/^verify: .* of .*KiB/);
    expect(stdout).toMatch(
      /\/sound: sound; 6 images of 16x12 in 3 levels, labels of 2, no manifest, an index, SHA-256 compared; \d.* KiB, .*\/s\n$/,
    );
    expect(code).toBe(0);
  });

  it('of a damaged one ends with 1 and says what and where', async () => {
    const { code, stdout, stderr } = await prepHere(['verify', broken, '--json']);
    expect(stderr).toMatch(
      /^payload-crc: set-r04\.tfrecords: record 2 at byte 1262: payload checksum: stored 0x/m,
    );
    expect(stderr).toMatch(/^file-crc: set-rxx\.labels: CRC-32C: index [0-9a-f]{8}, file [0-9a-f]{8}$/m);
    expect(stderr).toMatch(/^ {2}payload-crc +1 {2}a record's content does not fit its checksum$/m);
    expect(stderr).toContain(
      `${broken}: 2 findings in 2 files; "prep repair ${broken}" restores what can be restored\n`,
    );
    const report = JSON.parse(stdout) as unknown;
    expect(report).toMatchObject({
      sound: false,
      total: 2,
      counts: { 'payload-crc': 1, 'file-crc': 1 },
      damaged: { 'set-r04.tfrecords': ['payload-crc'], 'set-rxx.labels': ['file-crc'] },
      findings: [{ code: 'payload-crc', file: 'set-r04.tfrecords', record: 2, offset: 2 * recordBytes }, {}],
    });
    expect(code).toBe(1);
  });

  it('lists as many findings as it is told', async () => {
    const { stderr, stdout } = await prepHere(['verify', broken, '--list', '1', '--json']);
    expect(stderr).toContain('and 1 more; --list shows more of them\n');
    expect(JSON.parse(stdout)).toMatchObject({ total: 2, findings: [{}] });
  });

  it('of one without an index', async () => {
    const official = join(folder, 'official');
    await cp(sound, official, { recursive: true });
    await rm(join(official, 'index.json'));
    const { code, stdout } = await prepHere(['verify', official]);
    expect(stdout).toContain('labels of 2, no manifest, no index;');
    expect(code).toBe(0);
  });

  it.each([
    [['verify'], 2, "missing required argument 'dataset'"],
    [['verify', 'a', 'b'], 2, 'too many arguments'],
    [['verify', 'a', '--list', 'x'], 2, 'Expected a whole number at least 0.'],
    [['verify', 'a', '--sha'], 2, 'Did you mean --sha256?'],
    [['verify', '/nowhere/at/all'], 1, '/nowhere/at/all: no such folder; name the folder of a dataset'],
  ])('%j', async (argv, wanted, message) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
  });

  it('stops at Ctrl-C with 130', async () => {
    await makeHollow(join(folder, 'hollow'));
    const { code, stdout } = await prep(['verify', 'hollow', '--json'], {
      cwd: folder,
      interruptWhen: (stderr) => (stderr.includes('verify: ') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});
