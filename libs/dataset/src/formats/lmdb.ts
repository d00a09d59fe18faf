/** Reads LMDB databases of on-disk version 1: all keys in order at opening, values on demand. */
import { DatasetError } from '../errors.js';
import { kindOfPath, openInput, readExactly, type InputFile } from './input.js';
import {
  branchChild,
  checkOverflow,
  leafNode,
  metaBytes,
  pageHeader,
  parseMeta,
  parseTreePage,
  type Complain,
  type LmdbMeta,
  type TreePage,
} from './lmdb-page.js';

const deepest = 32; // LMDB's own limit
const leastEntryBytes = 10; // a node's header and its place in the page
const wanted = 'an LMDB database: a folder with data.mdb, or such a file';

function invalid(file: string, what: string, instead = 'the database is damaged or was not copied whole') {
  return new DatasetError('source-invalid', `${file}: ${what}; ${instead}`);
}

/** The newer of the two meta pages; one that was not written whole is passed over. */
async function readMeta(file: InputFile, complain: Complain): Promise<LmdbMeta> {
  const read = (offset: number) =>
    readExactly(file, offset, Math.max(0, Math.min(metaBytes, file.size - offset)));
  const first = parseMeta(await read(0), complain);
  if (file.size < 2 * first.pageSize) throw complain(`has ${file.size} bytes, less than its two meta pages`);
  const bytes = await read(first.pageSize);
  try {
    const second = parseMeta(bytes, complain);
    return second.pageSize === first.pageSize && second.transaction > first.transaction ? second : first;
  } catch (error) {
    if (error instanceof DatasetError) return first;
    throw error;
  }
}

/** Entries of the main database by ordinal, sorted by key (memcmp). Each takes 20 bytes and its key. */
export class LmdbReader {
  #keys = Buffer.alloc(0); // one after the other
  readonly #keyEnds: Float64Array;
  /** Of the value in the file. The start of a page: of the header of the value's own pages, see `value`. */
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;
  #count = 0;
  #bytes = 0; // of all keys and values

  private constructor(
    private readonly file: InputFile,
    private readonly meta: LmdbMeta,
  ) {
    this.#keyEnds = new Float64Array(meta.entries);
    this.#offsets = new Float64Array(meta.entries);
    this.#lengths = new Uint32Array(meta.entries);
  }

  /**
   * Walks the whole tree once. `path`: the database's folder, or its file.
   * @throws DatasetError `source-missing`, `source-invalid`
   */
  static async open(path: string): Promise<LmdbReader> {
    const folder = (await kindOfPath(path, wanted)) === 'folder';
    const file = await openInput(folder ? `${path}/data.mdb` : path, wanted);
    try {
      const complain: Complain = (...what) => invalid(file.path, ...what);
      const meta = await readMeta(file, complain);
      if (meta.flags !== 0)
        throw complain(
          `its database has flags ${meta.flags} (several values for a key, or another order)`,
          'only plain databases can be read',
        );
      // Before memory is taken for them.
      if (meta.entries * leastEntryBytes > file.size)
        throw complain(`promises ${meta.entries} entries, more than fit into its ${file.size} bytes`);
      if (meta.depth > deepest) throw complain(`has a tree of depth ${meta.depth}, more than ${deepest}`);
      const reader = new LmdbReader(file, meta);
      if (meta.root !== null) await reader.#walk(meta.root);
      if (reader.#count !== meta.entries)
        throw complain(`promises ${meta.entries} entries, has ${reader.#count}`);
      return reader;
    } catch (error) {
      await file.handle.close();
      throw error;
    }
  }

  get count(): number {
    return this.#count;
  }

  get path(): string {
    return this.file.path;
  }

  key(i: number): Buffer {
    return this.#keys.subarray(i === 0 ? 0 : this.#keyEnds[i - 1], this.#keyEnds[i]);
  }

  /** Bytes of value i. */
  length(i: number): number {
    return this.#lengths[i]!;
  }

  /** @throws DatasetError `source-invalid` when this one value's pages are damaged */
  async value(i: number): Promise<Buffer> {
    const { pageSize } = this.meta;
    const [offset, length] = [this.#offsets[i]!, this.#lengths[i]!];
    if (length === 0) return Buffer.alloc(0);
    if (offset % pageSize !== 0) return readExactly(this.file, offset, length);
    // Looked at only now: at opening it would cost a read for each value.
    const bytes = await readExactly(this.file, offset, pageHeader + length);
    checkOverflow(bytes, offset / pageSize, length, pageSize, this.#invalid);
    return bytes.subarray(pageHeader);
  }

  close(): Promise<void> {
    return this.file.handle.close();
  }

  readonly #invalid: Complain = (...what) => invalid(this.file.path, ...what);

  /** Depth first. A page that is met again brings a key that does not rise, so that no circle goes unseen. */
  async #walk(root: number): Promise<void> {
    const path: { page: TreePage; next: number }[] = [];
    const enter = async (number: number) => {
      const page = await this.#page(number);
      const level = path.length + 1;
      if (page.leaf !== (level === this.meta.depth))
        throw this.#invalid(
          `page ${number} is a ${page.leaf ? 'leaf' : 'branch'} at level ${level} of ${this.meta.depth}`,
        );
      if (page.leaf) this.#collect(page);
      else path.push({ page, next: 0 });
    };
    await enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      if (top.next === top.page.count) path.pop();
      else await enter(branchChild(top.page, top.next++, this.#invalid));
    }
    this.#keys = Buffer.from(this.#keys.subarray(0, this.#keyEnds[this.#count - 1]));
  }

  async #page(number: number): Promise<TreePage> {
    const { pageSize } = this.meta;
    this.#checkPages(number, pageSize);
    return parseTreePage(await readExactly(this.file, number * pageSize, pageSize), number, this.#invalid);
  }

  /** Whether `length` bytes from page `number` on are there. Pages 0 and 1 are the meta pages. */
  #checkPages(number: number, length: number): void {
    const { lastPage, pageSize } = this.meta;
    if (number < 2 || number > lastPage || number * pageSize + length > this.file.size)
      throw this.#invalid(
        `refers to ${length} bytes at page ${number}; it has pages 2 to ${lastPage} and ${this.file.size} bytes`,
      );
  }

  #collect(page: TreePage): void {
    for (let i = 0; i < page.count; i++) {
      const node = leafNode(page, i, this.#invalid);
      const entry = this.#count;
      if (entry === this.meta.entries) throw this.#invalid(`has more than the promised ${entry} entries`);
      if (entry > 0 && Buffer.compare(this.key(entry - 1), node.key) >= 0)
        throw this.#invalid(`page ${page.number}: the key of node ${i} does not follow the one before it`);
      // Entries that share bytes could take more memory than the file has.
      this.#bytes += node.key.length + node.length;
      if (this.#bytes > this.file.size) throw this.#invalid('has entries with more bytes than the file');
      if (node.at === null) this.#checkPages(node.overflow, pageHeader + node.length);
      const start = this.#appendKey(node.key);
      this.#keyEnds[entry] = start + node.key.length;
      this.#offsets[entry] =
        (node.at === null ? node.overflow : page.number) * this.meta.pageSize + (node.at ?? 0);
      this.#lengths[entry] = node.length;
      this.#count++;
    }
  }

  #appendKey(key: Buffer): number {
    const start = this.#count === 0 ? 0 : this.#keyEnds[this.#count - 1]!;
    if (start + key.length > this.#keys.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#keys.length, start + key.length, 4096));
      this.#keys.copy(larger, 0, 0, start);
      this.#keys = larger;
    }
    key.copy(this.#keys, start);
    return start;
  }
}
