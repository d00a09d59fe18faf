/** LMDB files of on-disk version 1 as a bulk load makes them: full leaf pages, large values apart. */
import { open } from 'node:fs/promises';

export type LmdbEntry = readonly [key: string, value: Buffer];

export interface LmdbLayout {
  readonly pageSize?: number;
  readonly firstPage?: number; // of the tree; a hole before it makes offsets large
  readonly flags?: number; // of the main database
  readonly version?: number;
  readonly transaction?: number; // of meta page 1; that of page 0 is one less and describes an empty database
}

type Pages = Map<number, Buffer>;

const header = 16;

function treePage(number: number, kind: 1 | 2, nodes: readonly Buffer[], pageSize: number): Buffer {
  const page = Buffer.alloc(pageSize);
  let upper = pageSize;
  nodes.forEach((node, i) => {
    upper -= node.length + (node.length % 2);
    node.copy(page, upper);
    page.writeUInt16LE(upper, header + 2 * i);
  });
  writeNumber(page, number, 0);
  page.writeUInt16LE(kind, 10);
  page.writeUInt16LE(header + 2 * nodes.length, 12);
  page.writeUInt16LE(upper, 14);
  return page;
}

function writeNumber(page: Buffer, value: number, at: number): void {
  page.writeBigUInt64LE(BigInt(value), at);
}

function leafNode(key: Buffer, length: number, flags: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(length, 0);
  head.writeUInt16LE(flags, 4);
  head.writeUInt16LE(key.length, 6);
  return Buffer.concat([head, key, rest]);
}

function branchNode(key: Buffer, child: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUIntLE(child, 0, 6);
  head.writeUInt16LE(key.length, 6);
  return Buffer.concat([head, key]);
}

function metaPage(
  number: number,
  pageSize: number,
  layout: LmdbLayout,
  tree: Tree | null,
  last: number,
): Buffer {
  const page = Buffer.alloc(pageSize);
  writeNumber(page, number, 0);
  page.writeUInt16LE(8, 10);
  page.writeUInt32LE(0xbeefc0de, 16);
  page.writeUInt32LE(layout.version ?? 1, 20);
  writeNumber(page, 2 ** 30, 32); // size of the map
  page.writeUInt32LE(pageSize, 40);
  page.fill(0xff, 80, 88); // no free pages
  page.writeUInt16LE(layout.flags ?? 0, 92);
  page.writeUInt16LE(tree?.depth ?? 0, 94);
  writeNumber(page, tree?.entries ?? 0, 120);
  if (tree) writeNumber(page, tree.root, 128);
  else page.fill(0xff, 128, 136);
  writeNumber(page, last, 136);
  writeNumber(page, (layout.transaction ?? 1) - (tree ? 0 : 1), 144);
  return page;
}

interface Tree {
  readonly root: number;
  readonly depth: number;
  readonly entries: number;
}

/** Page number → its bytes, and those of the pages that continue it. `entries`: sorted by key. */
export function lmdbPages(entries: readonly LmdbEntry[], layout: LmdbLayout = {}): Pages {
  const { pageSize = 4096, firstPage = 2 } = layout;
  const pages: Pages = new Map();
  let next = firstPage;
  const mostInline = (((pageSize - header) / 2) & ~1) - 2;

  let level: { key: Buffer; node: Buffer }[] = entries.map(([name, value]) => {
    const key = Buffer.from(name, 'latin1');
    if (8 + key.length + value.length <= mostInline)
      return { key, node: leafNode(key, value.length, 0, value) };
    const count = Math.ceil((header + value.length) / pageSize);
    const own = Buffer.alloc(count * pageSize);
    writeNumber(own, next, 0);
    own.writeUInt16LE(4, 10);
    own.writeUInt32LE(count, 12);
    value.copy(own, header);
    pages.set(next, own);
    const place = Buffer.alloc(8);
    writeNumber(place, next, 0);
    next += count;
    return { key, node: leafNode(key, value.length, 1, place) };
  });

  let root = 0;
  let depth = 0;
  for (let kind: 1 | 2 = 2; level.length > 0; kind = 1) {
    const above: typeof level = [];
    for (let i = 0; i < level.length;) {
      const first = level[i]!;
      const nodes: Buffer[] = [];
      let room = pageSize - header;
      for (; i < level.length; i++) {
        // The first key of a branch page stands for everything below the second.
        const node =
          kind === 1 && nodes.length === 0
            ? branchNode(Buffer.alloc(0), level[i]!.node.readUIntLE(0, 6))
            : level[i]!.node;
        room -= 2 + node.length + (node.length % 2);
        if (room < 0) break;
        nodes.push(node);
      }
      pages.set(next, treePage(next, kind, nodes, pageSize));
      root = next++;
      above.push({ key: first.key, node: branchNode(first.key, root) });
    }
    depth++;
    if (above.length === 1) break;
    level = above;
  }
  const tree = entries.length > 0 ? { root, depth, entries: entries.length } : null;
  pages.set(0, metaPage(0, pageSize, layout, null, 1));
  pages.set(1, metaPage(1, pageSize, layout, tree, next - 1));
  return pages;
}

/** Leaves holes where there are no pages. */
export async function writeLmdb(path: string, pages: Pages, pageSize = 4096): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for (const [number, bytes] of pages) await handle.write(bytes, 0, bytes.length, number * pageSize);
  } finally {
    await handle.close();
  }
}
