/** What a command is given: where to write and how to end. */
export interface Io {
  readonly stdout: NodeJS.WriteStream; // data
  readonly stderr: NodeJS.WriteStream; // text for people
  /** The job was done and has found something wrong, which is reported: the program ends with 1. */
  finding(): void;
}

/** One JSON document on standard output. */
export function writeJson({ stdout }: Io, document: unknown): void {
  stdout.write(`${JSON.stringify(document)}\n`);
}
