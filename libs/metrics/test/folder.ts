/** Temporary folders of a test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Gone when the file's tests have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pggan-metrics-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
