import { openExtractor, type Extractor } from '@pggan/metrics';

/** The networks that metrics go by. */
export interface Networks {
  readonly extractor: Extractor | undefined;
  readonly classifier: Extractor | undefined;
  close(): Promise<void>;
}

/** @throws MetricsError for a manifest or model that cannot be used */
export async function openNetworks(paths: {
  readonly extractor?: string | undefined;
  readonly classifier?: string | undefined;
}): Promise<Networks> {
  const open = async (path: string | undefined) =>
    path === undefined ? undefined : await openExtractor(path);
  const extractor = await open(paths.extractor);
  const classifier = await open(paths.classifier).catch(async (error: unknown) => {
    await extractor?.close();
    throw error;
  });
  return {
    extractor,
    classifier,
    async close() {
      await extractor?.close();
      await classifier?.close();
    },
  };
}
