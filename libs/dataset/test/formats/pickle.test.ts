import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatasetError } from '../../src/errors.js';
import { asIntegers, type NumpyArray, type PickleDict } from '../../src/formats/pickle-objects.js';
import { parsePickle } from '../../src/formats/pickle.js';
import { temporaryFolder } from '../folder.js';

const folder = temporaryFolder();
const fixtures = resolve(import.meta.dirname, '../fixtures/pickle');

/** `code` in Latin-1: opcodes as letters, the binary ones as \x… */
const parse = (code: string) => parsePickle(Buffer.from(code, 'latin1'), 'file');

function refusal(code: string): string {
  try {
    parse(code);
  } catch (error) {
    if (error instanceof DatasetError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

const u32 = (value: number) =>
  String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);

describe('what Python and NumPy write', () => {
  it.each(['0', '1', '2', '3', '4', '5', 'python2'])('a batch of CIFAR-10, protocol %s', (protocol) => {
    const value = parsePickle(
      readFileSync(join(fixtures, `batch-${protocol}.pickle`)),
      'batch',
    ) as PickleDict;
    expect([...value.keys()]).toEqual(['batch_label', 'labels', 'data', 'filenames']);
    expect(value.get('labels')).toEqual([3, 9]);
    expect(value.get('filenames')).toEqual([Buffer.from('a.png'), Buffer.from('b.png')]);
    const { shape, data, dtype } = value.get('data') as NumpyArray;
    expect({ shape, dtype }).toEqual({
      shape: [2, 3072],
      dtype: { signed: false, bytes: 1, bigEndian: false },
    });
    const pixel = (_: unknown, at: number) => {
      const [i, k] = [Math.floor(at / 3072), at % 3072];
      return (7 * i + k + Math.floor(k / 256)) % 256;
    };
    expect(data.equals(Uint8Array.from({ length: 2 * 3072 }, pixel))).toBe(true);
  });

  it('the bytes of arrays are not copied', () => {
    const bytes = readFileSync(join(fixtures, 'batch-python2.pickle'));
    const value = parsePickle(bytes, 'batch') as PickleDict;
    expect((value.get('data') as NumpyArray).data.buffer).toBe(bytes.buffer);
  });

  it('arrays of 64-bit integers', () => {
    const value = parsePickle(readFileSync(join(fixtures, 'train.pickle')), 'train') as PickleDict;
    expect(asIntegers(value.get('coarse_labels'))).toEqual([19, 4]);
    expect(asIntegers(value.get('fine_labels'))).toEqual([99, 0]);
  });
});

describe('values', () => {
  it.each([
    ['N.', null],
    ['I01\n.', true],
    ['I00\n.', false],
    ['\x88.', true],
    ['I-12\n.', -12],
    ['L123L\n.', 123],
    ['L-9999999999999999999L\n.', -9999999999999999999n],
    ['K\xff.', 255],
    ['M\x01\x02.', 513],
    ['J\xff\xff\xff\xff.', -1],
    ['\x8a\x00.', 0],
    ['\x8a\x02\x00\xff.', -256],
    ['\x8b\x01\x00\x00\x00\x80.', -128],
    ['\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.', 2n ** 63n - 1n],
    ['F1.5e3\n.', 1500],
    ['G\x40\x09\x00\x00\x00\x00\x00\x00.', 3.125],
    ['Va\\u00e4\\U0001F600b\n.', 'aä\u{1F600}b'],
    ['X\x02\x00\x00\x00\xc3\xa4.', 'ä'],
    ['(K\x01K\x02t.', [1, 2]],
    ['(lp0\nI1\naI2\na.', [1, 2]],
    ['](K\x01K\x02e.', [1, 2]],
    ['K\x01K\x02K\x03\x87.', [1, 2, 3]],
    ['K\x01K\x020.', 1],
    ['K\x07(K\x01K\x021.', 7],
    ['K\x012\x86.', [1, 1]],
    ['K\x05q\x09]h\x09a.', [5]],
    ['K\x05\x94]h\x00a.', [5]],
  ])('%j', (code, value) => {
    expect(parse(code)).toEqual(value);
  });

  it.each([
    [`S'a\\x41\\n\\\\\\'"'\n.`, `aA\n\\'"`],
    ['S"it\'s"\n.', "it's"],
    ['T\x03\x00\x00\x00abc.', 'abc'],
    ['U\x03abc.', 'abc'],
    ['C\x03abc.', 'abc'],
    ['\x8e\x03\x00\x00\x00\x00\x00\x00\x00abc.', 'abc'],
    ['c_codecs\nencode\n(Vab\\u00ff\nVlatin1\ntR.', 'ab\xff'],
  ])('bytes %j', (code, text) => {
    expect(parse(code)).toEqual(Buffer.from(text, 'latin1'));
  });

  it.each([
    ['(dp0\nVa\nI1\nsS"b"\nI2\ns.'],
    ['}(U\x01aK\x01U\x01bK\x02u.'],
    ['(U\x01aK\x01U\x01bK\x02d.'],
    ['ccollections\nOrderedDict\n((U\x01aK\x01t(U\x01bK\x02tl\x85R.'],
    ['ccollections\nOrderedDict\n)R(U\x01aK\x01U\x01bK\x02u.'],
  ])('dictionary %j', (code) => {
    expect([...(parse(code) as PickleDict)]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('a list may contain itself', () => {
    const list = parse(']q\x00h\x00a.') as unknown[];
    expect(list[0]).toBe(list);
  });
});

describe('a pickle that asks for more than data', () => {
  const victim = join(folder, 'made-by-pickle');
  const call = (module: string, name: string) => `c${module}\n${name}\n(S'touch ${victim}'\ntR.`;

  it.each([
    ['GLOBAL and REDUCE', call('os', 'system'), 'os.system'],
    ['posix', call('posix', 'system'), 'posix.system'],
    ['eval', call('__builtin__', 'eval'), '__builtin__.eval'],
    ['a name near the allowed ones', call('numpy', 'load'), 'numpy.load'],
    ['a path through an allowed module', 'c_codecs\nencode.__globals__\n.', '_codecs.encode.__globals__'],
    ['copyreg', 'ccopyreg\n_reconstructor\n.', 'copyreg._reconstructor'],
    ['STACK_GLOBAL', `\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.`, 'os.system'],
    ['a global in a memo', `cos\nsystem\nq\x00.`, 'os.system'],
    ['INST', `(S'touch ${victim}'\nios\nsystem\n.`, 'os.system'],
    ['OBJ', `(S'x'\no.`, 'an object of a class of its own'],
    ['NEWOBJ', 'cnumpy\nndarray\n)\x81.', 'an object of a class of its own'],
    ['NEWOBJ_EX', 'cnumpy\nndarray\n)}\x92.', 'an object of a class of its own'],
    ['BUILD of a list', ']]b.', 'an object of a class of its own'],
    ['a call of a class', 'cnumpy\nndarray\n)R.', 'a call of numpy.ndarray'],
    ['a call of a list', '])R.', 'a call of what is no function'],
    ['EXT1', '\x82\x01.', "an entry of Python's extension registry"],
    ['EXT2', '\x83\x01\x00.', "an entry of Python's extension registry"],
    ['EXT4', '\x84\x01\x00\x00\x00.', "an entry of Python's extension registry"],
    ['PERSID', 'Pabc\n.', 'an object kept outside of the file (a persistent id)'],
    ['BINPERSID', 'U\x01aQ.', 'an object kept outside of the file (a persistent id)'],
    ['NEXT_BUFFER', '\x97.', 'a buffer kept outside of the file'],
    ['a name with control characters', 'cos\x1b[2J\nsystem\n.', 'os?[2J.system'],
  ])('%s is refused, and nothing happens', (_, code, what) => {
    expect(refusal(code)).toMatch(/^source-invalid: file: byte \d+: asks Python for /);
    expect(refusal(code)).toContain(
      `asks Python for ${what}, which a set of pictures does not need; nothing was run`,
    );
    expect(existsSync(victim)).toBe(false);
  });
});

describe('damaged pickles', () => {
  it.each([
    ['', 'needs 1 more bytes where the file has 0'],
    ['.', 'takes a value where there is none'],
    ['(.', 'takes a value where there is none'],
    ['K\x01(a.', 'takes a value where there is none'], // below the mark
    ['e.', 'closes a list that was not opened'],
    ['h\x07.', 'refers to value 7, which there is not'],
    ['T\xff\xff\xff\xffabc', 'announces 4294967295 bytes where the file has 3'],
    ['\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc', 'announces 18446744073709552000 bytes where the file has 3'],
    ['\x95\xff\xff\xff\xff\xff\xff\xff\xff.', 'bytes where the file has 1'],
    ['Vabc', 'has a line without end'],
    ['I' + '9'.repeat(70) + '\n.', 'has a line of 70 characters where a number or name is due'],
    ['Iten\n.', 'has "ten" for an integer'],
    ['F1.5x\n.', 'has "1.5x" for a number'],
    ['\x8a\x09' + '\x01'.repeat(9) + '.', 'has an integer of 9 bytes'],
    ['Sabc\n.', 'has a text without quotes'],
    ["S'a\\q'\n.", 'has the unknown escape "q"'],
    ['V\\U00110000\n.', 'has the character number 1114112'],
    ['\x80\x06N.', 'is of protocol 6, known are 0 to 5'],
    ['\xff', 'has the unknown instruction 255'],
    ['K\x01K\x02a.', 'appends to what is no list'],
    [']K\x01K\x02s.', 'sets entries of what is no dictionary'],
    ['}(K\x01u.', 'has a key without a value'],
    ['}NNs.', 'has a key that is no short text or number'],
    ['}X\x2c\x01\x00\x00' + 'k'.repeat(300) + 'Ns.', 'has a key that is no short text or number'],
    ['c_codecs\nencode\n(Va\nVrot13\ntR.', 'expected latin1'],
    ['c_codecs\nencode\n(V\\u0100\nVlatin1\ntR.', 'encodes characters that latin1 has not'],
    ['cnumpy\ndtype\n(Vf4\ntR.', 'has an array of type "f4", expected integers'],
    ['cnumpy\ndtype\n(VO8\ntR.', 'has an array of type "O8", expected integers'],
    ['cnumpy.core.multiarray\n_reconstruct\n(NtR.', 'rebuilds an array of an unknown class'],
  ])('%j', (code, message) => {
    expect(refusal(code)).toMatch(/^source-invalid: file: byte \d+: /);
    expect(refusal(code)).toContain(message);
  });

  const array = (shape: string, data: string) =>
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n)U\x01btR(K\x01${shape}cnumpy\ndtype\n(Vu1\ntR\x89${data}tb.`;

  it.each([
    ['too few bytes', array('(K\x02K\x03t', 'U\x05abcde'), 'of shape (2, 3) with 5 bytes, expected 6'],
    ['a negative side', array('(J\xff\xff\xff\xfft', 'U\x00'), 'has an array without a shape'],
    ['many sides', array(`(${'K\x01'.repeat(9)}t`, 'U\x01a'), 'has an array without a shape'],
    ['objects', array('(K\x01t', '(l'), 'something else than integers'],
    ['Fortran order', array('(K\x01t', 'U\x01a').replace('\x89', '\x88'), 'not in C order'],
  ])('an array with %s', (_, code, message) => {
    expect(refusal(code)).toContain(message);
  });

  it('endless instructions, containers and encodings end', () => {
    expect(refusal('(' + 'N'.repeat(1_000_001))).toContain('has more than 1000000 instructions');
    expect(refusal('}'.repeat(300_000))).toContain('has more than 250000 lists and dictionaries');
    // The same text of a megabyte, encoded again and again.
    const text = `X${u32(1_000_000)}${'a'.repeat(1_000_000)}q\x00`;
    const again = 'c_codecs\nencode\n(h\x00U\x06latin1tR';
    expect(refusal(text + again.repeat(5000))).toContain('encodes more text than it has bytes');
    const pairs = `](${'K\x01K\x01\x86'.repeat(1000)}eq\x00`;
    expect(refusal(pairs + 'ccollections\nOrderedDict\nh\x00\x85R'.repeat(5000))).toContain(
      'more pairs than it has bytes',
    );
  });
});
