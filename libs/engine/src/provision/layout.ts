/**
 * What a finished provisioning looks like on disk, and the receipt that says it is finished.
 *
 * ```
 * <cache>/engine/<key>/tensorflow/   libtensorflow_cc.so.2 libtensorflow_framework.so.2 include/
 *                      nvidia/       the CUDA wheels' libraries (variant gpu), beside it as in site-packages
 *                      binding/      tfjs_binding.node quiet_loader.node
 *                      receipt.json  written last, renamed into place with the rest
 * ```
 */
import { open, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

export const RECEIPT = 'receipt.json';
export const BINDING = join('binding', 'tfjs_binding.node');
export const QUIET_LOADER = join('binding', 'quiet_loader.node');

const receiptSchema = z.object({
  schema: z.literal(1),
  tensorflow: z.string(),
  variant: z.enum(['cpu', 'gpu', 'external']),
  libraries: z.string(), // folder of libtensorflow, relative to the receipt unless external
  files: z.record(z.string(), z.number().int().nonnegative()), // path relative to the receipt: bytes
});

export type Receipt = z.infer<typeof receiptSchema>;

/** An installation that startEngine can load. */
export interface Installation {
  readonly folder: string;
  readonly binding: string;
  readonly quietLoader: string;
  readonly libraryFolder: string; // absolute
  readonly receipt: Receipt;
}

/**
 * The installation in `folder`, or undefined where there is none, or where a file that its receipt
 * lists is missing or has another size (a power cut, somebody's cleaning). Costs a stat a file.
 */
export async function readInstallation(folder: string): Promise<Installation | undefined> {
  let receipt: Receipt;
  try {
    receipt = receiptSchema.parse(JSON.parse(await readFile(join(folder, RECEIPT), 'utf8')));
  } catch {
    return undefined;
  }
  for (const [path, bytes] of Object.entries(receipt.files)) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (found?.size !== bytes) return undefined;
  }
  return {
    folder,
    binding: join(folder, BINDING),
    quietLoader: join(folder, QUIET_LOADER),
    libraryFolder: resolve(folder, receipt.libraries),
    receipt,
  };
}

/** Weighs the listed files and writes the receipt that makes `folder` an installation. */
export async function writeReceipt(
  folder: string,
  receipt: Omit<Receipt, 'files'> & { files: readonly string[] },
): Promise<void> {
  const sizes = await Promise.all(
    receipt.files.map(async (path) => [path, (await stat(join(folder, path))).size] as const),
  );
  const file = await open(join(folder, RECEIPT), 'wx');
  try {
    const content = { ...receipt, files: Object.fromEntries(sizes) } satisfies Receipt;
    await file.writeFile(JSON.stringify(content, null, 2) + '\n');
    await file.sync();
  } finally {
    await file.close();
  }
}
