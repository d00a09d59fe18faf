/** The parts of a pickle's instructions: numbers, texts, lines; every length is tested before it is used. */
import { DatasetError } from '../errors.js';

const escapes = new Map(
  Object.entries({ '\\': 0x5c, "'": 0x27, '"': 0x22, n: 0x0a, r: 0x0d, t: 0x09, a: 7, b: 8, f: 12, v: 11 }),
);

export class PickleCursor {
  #at = 0; // next byte
  #step = 0; // where the present instruction starts

  constructor(
    private readonly bytes: Buffer,
    private readonly file: string,
  ) {}

  /** The next instruction. */
  opcode(): string {
    this.#step = this.#at;
    return String.fromCharCode(this.unsigned(1));
  }

  /** File and instruction, for messages. */
  get place(): string {
    return `${this.file}: byte ${this.#step}`;
  }

  invalid(what: string): DatasetError {
    return new DatasetError(
      'source-invalid',
      `${this.place}: ${what}; expected a Python pickle of lists, dictionaries and number arrays`,
    );
  }

  take(length: number): Buffer {
    if (length > this.bytes.length - this.#at)
      throw this.invalid(`needs ${length} more bytes where the file has ${this.bytes.length - this.#at}`);
    return this.bytes.subarray(this.#at, (this.#at += length));
  }

  unsigned(bytes: 1 | 2 | 4): number {
    return this.take(bytes).readUIntLE(0, bytes);
  }

  /** A length, checked against what is left of the file. */
  length(bytes: 1 | 4 | 8): number {
    const length = bytes === 8 ? Number(this.take(8).readBigUInt64LE()) : this.unsigned(bytes);
    if (length > this.bytes.length - this.#at)
      throw this.invalid(`announces ${length} bytes where the file has ${this.bytes.length - this.#at}`);
    return length;
  }

  #lineBytes(): Buffer {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.invalid('has a line without end');
    const line = this.bytes.subarray(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  line(most: number): string {
    const line = this.#lineBytes();
    if (line.length > most)
      throw this.invalid(`has a line of ${line.length} characters where a number or name is due`);
    return line.toString('latin1').replace(/\r$/, '');
  }

  protocol(): void {
    const version = this.unsigned(1);
    if (version > 5) throw this.invalid(`is of protocol ${version}, known are 0 to 5`);
  }

  intLine(): boolean | number | bigint {
    const line = this.line(64);
    if (line === '00') return false;
    return line === '01' ? true : this.integer(line);
  }

  indexLine(): number {
    const index = this.integer(this.line(64));
    if (typeof index !== 'number' || index < 0) throw this.invalid(`has the memo number ${index}`);
    return index;
  }

  integer(text: string): number | bigint {
    if (!/^[-+]?\d{1,20}$/.test(text)) throw this.invalid(`has ${JSON.stringify(text)} for an integer`);
    return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text.replace('+', ''));
  }

  floatLine(): number {
    const line = this.line(64);
    if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(line))
      throw this.invalid(`has ${JSON.stringify(line)} for a number`);
    return Number(line);
  }

  /** Two's complement, lowest byte first. */
  long(length: number): number | bigint {
    if (length > 8) throw this.invalid(`has an integer of ${length} bytes; 8 are enough for any set`);
    let value = 0n;
    for (const byte of [...this.take(length)].reverse()) value = (value << 8n) | BigInt(byte);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  /** Python 2's repr of a str. */
  quoted(): Buffer {
    const line = this.#lineBytes();
    const quote = line[0];
    if (line.length < 2 || (quote !== 0x27 && quote !== 0x22) || line.at(-1) !== quote)
      throw this.invalid('has a text without quotes');
    const inside = line.subarray(1, -1);
    if (!inside.includes(0x5c)) return inside;
    const plain = Buffer.alloc(inside.length); // an escape is longer than what it stands for
    let length = 0;
    for (let i = 0; i < inside.length; i++) {
      if (inside[i] !== 0x5c) {
        plain[length++] = inside[i]!;
        continue;
      }
      const escape = inside.toString('latin1', i + 1, i + 4);
      const code = /^x[0-9a-fA-F]{2}/.test(escape)
        ? parseInt(escape.slice(1), 16)
        : escapes.get(escape.charAt(0));
      if (code === undefined) throw this.invalid(`has the unknown escape ${JSON.stringify(escape)}`);
      plain[length++] = code;
      i += escape.startsWith('x') ? 3 : 1;
    }
    return plain.subarray(0, length);
  }

  /** Latin-1 with \uXXXX and \UXXXXXXXX for the rest. */
  unicodeLine(): string {
    const text = this.#lineBytes().toString('latin1');
    return text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
      const code = parseInt(short ?? long ?? '', 16);
      if (code > 0x10ffff) throw this.invalid(`has the character number ${code}`);
      return String.fromCodePoint(code);
    });
  }
}
