/** What an evaluation will measure, decided before anything is measured. */
import type { ImageSet, MetricRequest, Subject } from '@pggan/metrics';

/** A set of images to measure, found and opened when its turn comes. */
export interface PlannedRow {
  readonly kind: Subject['kind'];
  open(): Promise<OpenRow>;
}

export interface OpenRow {
  readonly subject: Subject;
  readonly set: ImageSet;
  close(): void;
}

export interface EvaluationPlan {
  /** When nobody names any. */
  readonly metrics: readonly MetricRequest[];
  readonly shape: ImageSet['shape'];
  /** The set that is measured, where it is one that was there before; null: there will be as many images as asked for. */
  readonly set: ImageSet | null;
  readonly reals: ImageSet | null;
  readonly rows: readonly PlannedRow[];
  /** Folder for what is measured; null: it is printed only. */
  readonly out: string | null;
}

/** A set that needs no opening. */
export function plainRow(kind: Subject['kind'], set: ImageSet): PlannedRow {
  return {
    kind,
    open: async () => ({
      subject: { kind, name: set.name, identity: await set.identity(), kimg: null },
      set,
      close: () => undefined,
    }),
  };
}
