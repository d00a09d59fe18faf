/** What provisioning reports while it works. */
export interface ProvisionProgress {
  readonly step: string; //    `downloading tensorflow-cpu`, `unpacking …`, `compiling the binding`, …
  readonly done: number;
  readonly total?: number; //  absent until known
  readonly unit: 'bytes' | 'steps';
}

export type ReportProgress = (progress: ProvisionProgress) => void;
