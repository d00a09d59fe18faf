/**
 * Reads Python pickles, protocols 0 to 5, as data. The opcodes are those of Python's pickletools; whatever
 * would make Python import, call or look up something is refused, but for the list in pickle-objects.ts.
 */
import { DatasetError } from '../errors.js';
import { PickleCursor } from './pickle-cursor.js';
import {
  asText,
  findGlobal,
  NumpyArray,
  NumpyDtype,
  parseDtype,
  PickleGlobal,
  type PickleDict,
  type PickleValue,
} from './pickle-objects.js';

/** Each may cost 100 bytes of memory. CIFAR-100's 50000 pictures take up to 600,000 and 100,000. */
const mostSteps = 1_000_000;
const mostContainers = 250_000;

/** V8 makes no longer strings than 2^29 - 24. */
export const largestPickle = 512_000_000;

/**
 * The value of a pickle of at most `largestPickle` bytes; its byte strings are views of `bytes`. Lists may
 * contain themselves.
 * @throws DatasetError `source-invalid`
 */
export function parsePickle(bytes: Buffer, file: string): PickleValue {
  return new PickleMachine(bytes, file).run();
}

class PickleMachine {
  readonly #code: PickleCursor;
  #containers = 0;
  #encodable: number; // bytes of texts that may still be turned into bytes: a text can be named over and over
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = []; // heights of the stack
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Buffer, file: string) {
    this.#code = new PickleCursor(bytes, file);
    this.#encodable = bytes.length;
  }

  run(): PickleValue {
    for (let steps = 0; steps < mostSteps; steps++) {
      const opcode = this.#code.opcode();
      if (opcode === '.') return this.#pop();
      this.#execute(opcode);
    }
    throw this.#invalid(`has more than ${mostSteps} instructions, far more than any set needs`);
  }

  #execute(opcode: string): void {
    switch (opcode) {
      case '\x80': // PROTO
        return this.#code.protocol();
      case '\x95': // FRAME: announces what comes, nothing more
        return void this.#code.length(8);

      case '(': // MARK
        return void this.#marks.push(this.#stack.length);
      case '0': // POP
        if (this.#stack.length === (this.#marks.at(-1) ?? 0) && this.#marks.length > 0) this.#marks.pop();
        else this.#pop();
        return;
      case '1': // POP_MARK
        return void this.#popMark();
      case '2': // DUP
        return this.#push(this.#top());

      case 'N':
        return this.#push(null);
      case '\x88':
        return this.#push(true);
      case '\x89':
        return this.#push(false);
      case 'K': // BININT1
        return this.#push(this.#code.unsigned(1));
      case 'M': // BININT2
        return this.#push(this.#code.unsigned(2));
      case 'J': // BININT
        return this.#push(this.#code.take(4).readInt32LE());
      case 'I': // INT
        return this.#push(this.#code.intLine());
      case 'L': // LONG
        return this.#push(this.#code.integer(this.#code.line(64).replace(/L$/, '')));
      case '\x8a': // LONG1
        return this.#push(this.#code.long(this.#code.unsigned(1)));
      case '\x8b': // LONG4
        return this.#push(this.#code.long(this.#code.length(4)));
      case 'F': // FLOAT
        return this.#push(this.#code.floatLine());
      case 'G': // BINFLOAT
        return this.#push(this.#code.take(8).readDoubleBE());

      case 'S': // STRING
        return this.#push(this.#code.quoted());
      case 'T': // BINSTRING
      case 'B': // BINBYTES
        return this.#push(this.#code.take(this.#code.length(4)));
      case 'U': // SHORT_BINSTRING
      case 'C': // SHORT_BINBYTES
        return this.#push(this.#code.take(this.#code.length(1)));
      case '\x8e': // BINBYTES8
      case '\x96': // BYTEARRAY8
        return this.#push(this.#code.take(this.#code.length(8)));
      case 'V': // UNICODE
        return this.#push(this.#code.unicodeLine());
      case '\x8c': // SHORT_BINUNICODE
        return this.#push(this.#code.take(this.#code.length(1)).toString());
      case 'X': // BINUNICODE
        return this.#push(this.#code.take(this.#code.length(4)).toString());
      case '\x8d': // BINUNICODE8
        return this.#push(this.#code.take(this.#code.length(8)).toString());

      case ']': // EMPTY_LIST
      case ')': // EMPTY_TUPLE
        return this.#push(this.#contain([]));
      case 'l': // LIST
      case 't': // TUPLE
        return this.#push(this.#contain(this.#popMark()));
      case '\x85': // TUPLE1 … TUPLE3
      case '\x86':
      case '\x87':
        return this.#tuple(opcode.charCodeAt(0) - 0x84);
      case 'a': // APPEND
        return this.#append([this.#pop()]);
      case 'e': // APPENDS
        return this.#append(this.#popMark());
      case '}': // EMPTY_DICT
        return this.#push(this.#contain(new Map()));
      case 'd': // DICT
        return this.#push(this.#fill(this.#contain(new Map()), this.#popMark()));
      case 's': // SETITEM
        return this.#setItems([this.#pop(), this.#pop()].reverse());
      case 'u': // SETITEMS
        return this.#setItems(this.#popMark());

      case 'p': // PUT
        return this.#remember(this.#code.indexLine());
      case 'q': // BINPUT
        return this.#remember(this.#code.unsigned(1));
      case 'r': // LONG_BINPUT
        return this.#remember(this.#code.unsigned(4));
      case '\x94': // MEMOIZE
        return this.#remember(this.#memo.size);
      case 'g': // GET
        return this.#push(this.#recall(this.#code.indexLine()));
      case 'h': // BINGET
        return this.#push(this.#recall(this.#code.unsigned(1)));
      case 'j': // LONG_BINGET
        return this.#push(this.#recall(this.#code.unsigned(4)));

      case 'c': // GLOBAL
        return this.#push(this.#global(this.#code.line(256), this.#code.line(256)));
      case '\x93': {
        // STACK_GLOBAL
        const [name, module] = [asText(this.#pop()), asText(this.#pop())];
        if (name === null || module === null) throw this.#invalid('names something by what is no text');
        return this.#push(this.#global(module, name));
      }
      case 'R': {
        // REDUCE
        const [given, callee] = [this.#pop(), this.#pop()];
        return this.#push(this.#contain(this.#reduce(callee, given)));
      }
      case 'b': // BUILD
        return this.#build(this.#pop(), this.#top());
      case 'i': // INST
        throw this.#refused(`${this.#code.line(256)}.${this.#code.line(256)}`);
      case 'o': // OBJ
      case '\x81': // NEWOBJ
      case '\x92': // NEWOBJ_EX
        throw this.#refused('an object of a class of its own');
      case '\x82': // EXT1, EXT2, EXT4
      case '\x83':
      case '\x84':
        throw this.#refused("an entry of Python's extension registry");
      case 'P': // PERSID
      case 'Q': // BINPERSID
        throw this.#refused('an object kept outside of the file (a persistent id)');
      case '\x97': // NEXT_BUFFER
      case '\x98': // READONLY_BUFFER
        throw this.#refused('a buffer kept outside of the file');
      default:
        throw this.#invalid(`has the unknown instruction ${opcode.charCodeAt(0)}`);
    }
  }

  #invalid(what: string): DatasetError {
    return this.#code.invalid(what);
  }

  #refused(what: string): DatasetError {
    const shown = what.replace(/[^ -~]/g, '?'); // names come from the file
    return new DatasetError(
      'source-invalid',
      `${this.#code.place}: asks Python for ${shown}, which a set of pictures does not need; ` +
        'nothing was run. Do not load this file with Python either unless you trust its maker',
    );
  }

  // The stack. What lies below the last mark is out of reach.

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.#invalid('takes a value where there is none');
    return this.#stack.at(-1)!;
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#invalid('closes a list that was not opened');
    return this.#stack.splice(mark);
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#invalid(`refers to value ${index}, which there is not`);
    return value;
  }

  // Containers and what the allowed globals make.

  #contain<T extends PickleValue>(value: T): T {
    if (++this.#containers > mostContainers)
      throw this.#invalid(
        `has more than ${mostContainers} lists and dictionaries, far more than any set needs`,
      );
    return value;
  }

  #tuple(length: number): void {
    const items = Array.from({ length }, () => this.#pop());
    this.#push(this.#contain(items.reverse()));
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#invalid('appends to what is no list');
    for (const item of items) list.push(item);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map)) throw this.#invalid('sets entries of what is no dictionary');
    this.#fill(dictionary, items);
  }

  /** `items`: key, value, key, value, … */
  #fill(dictionary: PickleDict, items: readonly PickleValue[]): PickleDict {
    if (items.length % 2 === 1) throw this.#invalid('has a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      const name = typeof key === 'number' ? key : asText(key);
      if (name === null) throw this.#invalid('has a key that is no short text or number');
      dictionary.set(name, items[i + 1]!);
    }
    return dictionary;
  }

  #global(module: string, name: string): PickleGlobal {
    const found = findGlobal(module, name);
    if (!found) throw this.#refused(`${module}.${name}`);
    return found;
  }

  #reduce(callee: PickleValue, given: PickleValue): PickleValue {
    if (!(callee instanceof PickleGlobal) || !Array.isArray(given))
      throw this.#refused('a call of what is no function');
    const [first, second, third, fourth] = given;
    switch (callee.meaning) {
      case 'reconstruct':
        if (!(first instanceof PickleGlobal) || first.meaning !== 'ndarray')
          throw this.#invalid('rebuilds an array of an unknown class');
        return new NumpyArray();
      case 'frombuffer':
        if (asText(fourth) !== 'C') throw this.#invalid('has an array that is not in C order');
        return this.#array(new NumpyArray(), third, second, first);
      case 'dtype': {
        const text = asText(first);
        const dtype = parseDtype(text);
        if (!dtype) throw this.#invalid(`has an array of type ${JSON.stringify(text)}, expected integers`);
        return dtype;
      }
      case 'encode':
        return this.#latin1(first, asText(second));
      case 'ordered-dict':
        return this.#fill(new Map(), this.#pairs(first));
      case 'ndarray':
        throw this.#refused(`a call of ${callee.name}`);
    }
  }

  /** [[key, value], …] → [key, value, …] */
  #pairs(list: PickleValue | undefined): PickleValue[] {
    if (list === undefined) return [];
    if (!Array.isArray(list)) throw this.#invalid('makes a dictionary of what is no list');
    // A list can be named over and over: what is read again counts as well.
    this.#encodable -= list.length;
    if (this.#encodable < 0) throw this.#invalid('makes dictionaries of more pairs than it has bytes');
    return list.flatMap((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw this.#invalid('makes a dictionary of what are no pairs');
      return pair;
    });
  }

  #latin1(text: PickleValue | undefined, encoding: string | null): Buffer {
    if (typeof text !== 'string' || !/^latin-?1$/.test(encoding ?? ''))
      throw this.#invalid(`encodes what is no text, or as ${JSON.stringify(encoding)}; expected latin1`);
    this.#encodable -= text.length;
    if (this.#encodable < 0) throw this.#invalid('encodes more text than it has bytes');
    if (/[^\0-\xff]/.test(text)) throw this.#invalid('encodes characters that latin1 has not');
    return Buffer.from(text, 'latin1');
  }

  #build(state: PickleValue, target: PickleValue): void {
    if (!Array.isArray(state)) throw this.#invalid('fills an object with what is no list');
    if (target instanceof NumpyDtype) {
      target.bigEndian = asText(state[1]) === '>';
    } else if (target instanceof NumpyArray) {
      const [shape, dtype, fortran, data] = state.slice(-4); // older NumPy writes no version before them
      if (fortran) throw this.#invalid('has an array that is not in C order');
      this.#array(target, shape, dtype, data);
    } else throw this.#refused('an object of a class of its own');
  }

  #array(
    array: NumpyArray,
    shape: PickleValue | undefined,
    dtype: PickleValue | undefined,
    data: PickleValue | undefined,
  ): NumpyArray {
    const sides = Array.isArray(shape) ? shape.slice(0, 8) : [];
    if (
      !Array.isArray(shape) ||
      shape.length > 8 ||
      !sides.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)
    )
      throw this.#invalid('has an array without a shape');
    if (!(dtype instanceof NumpyDtype) || !Buffer.isBuffer(data))
      throw this.#invalid('has an array of something else than integers');
    const expected = (sides as number[]).reduce((a, b) => a * b, dtype.bytes);
    if (expected !== data.length)
      throw this.#invalid(
        `has an array of shape (${sides.join(', ')}) with ${data.length} bytes, expected ${expected}`,
      );
    return Object.assign(array, { shape: sides as number[], dtype, data });
  }
}
