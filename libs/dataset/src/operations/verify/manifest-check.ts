/** Whether the lines of a manifest parse and name every image of the dataset exactly once. */
import type { FindingCode, Findings } from './findings.js';

/** A line says what became of one picture; a megabyte is more than any has. */
const longestLine = 1 << 20;

const lineFeed = 0x0a;

/** Image numbers are listed in one finding up to so many. */
const numbersShown = 5;

export class ManifestCheck {
  #line = 1; // number of the line being gathered
  #parts: Buffer[] = [];
  #length = 0;
  // What a damaged index says may be any number: only what the manifest names takes memory.
  readonly #seen = new Set<number>();

  constructor(
    private readonly name: string,
    private readonly images: number,
    private readonly findings: Findings,
  ) {}

  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(lineFeed, at);
      const part = chunk.subarray(at, end < 0 ? chunk.length : end);
      this.#length += part.length;
      if (this.#length <= longestLine) this.#parts.push(part);
      if (end < 0) break;
      this.#endLine();
      at = end + 1;
    }
  }

  end(): void {
    if (this.#length > 0) {
      this.#report('manifest-invalid', 'the last line is not ended; the file is cut off');
      this.#endLine();
    }
    const missing = this.images - this.#seen.size;
    if (missing === 0) return;
    const shown: number[] = [];
    for (let record = 0; shown.length < Math.min(missing, numbersShown); record++)
      if (!this.#seen.has(record)) shown.push(record);
    this.findings.add({
      code: 'manifest-records',
      file: this.name,
      record: shown[0]!,
      message: `${this.name}: has no line for ${missing} of ${this.images} images: ${shown.join(', ')}${missing > shown.length ? ', …' : ''}`,
    });
  }

  #endLine(): void {
    if (this.#length > longestLine) this.#report('manifest-invalid', `has ${this.#length} bytes`);
    else this.#look(Buffer.concat(this.#parts).toString('utf8'));
    this.#parts = [];
    this.#length = 0;
    this.#line++;
  }

  #look(text: string): void {
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch (error) {
      return this.#report('manifest-invalid', `is not JSON (${(error as Error).message})`);
    }
    if (typeof line !== 'object' || line === null || Array.isArray(line))
      return this.#report('manifest-invalid', 'is no JSON object');
    const { path, decision, reason, record, mirrored } = line as Record<string, unknown>;
    if (typeof path !== 'string') return this.#report('manifest-invalid', 'names no picture');
    if (decision === 'dropped') {
      if (typeof reason !== 'string' || reason === '')
        this.#report('manifest-invalid', `${path} was dropped for no reason`);
      if (typeof record === 'number' || typeof mirrored === 'number')
        this.#report('manifest-invalid', `${path} was dropped but has an image`);
      return;
    }
    if (decision !== 'kept')
      return this.#report(
        'manifest-invalid',
        `${path}: expected the decision kept or dropped, got ${JSON.stringify(decision)}`,
      );
    this.#see(path, record);
    if (mirrored !== undefined && mirrored !== null) this.#see(path, mirrored);
  }

  #see(path: string, record: unknown): void {
    if (typeof record !== 'number' || !Number.isInteger(record) || record < 0 || record >= this.images)
      this.#report(
        'manifest-records',
        `${path}: expected the number of an image, 0…${this.images - 1}, got ${JSON.stringify(record)}`,
      );
    else if (this.#seen.has(record))
      this.#report('manifest-records', `${path}: image ${record} belongs to an earlier line`, record);
    else this.#seen.add(record);
  }

  #report(code: FindingCode, what: string, record?: number): void {
    this.findings.add({
      code,
      file: this.name,
      line: this.#line,
      ...(record === undefined ? {} : { record }),
      message: `${this.name}: line ${this.#line}: ${what}`,
    });
  }
}
