/** What a command is given: where to write and how to end. */
export interface Io {
  readonly stdout: NodeJS.WriteStream; // data
  readonly stderr: NodeJS.WriteStream; // text for people
  /** The job was done and has found something wrong, which is reported: the program ends with 1. */
  finding(): void;
}

/** Lines for people about damage that did not keep the job from being done. */
export function writeDamage({ stderr }: Io, damaged: readonly { readonly message: string }[]): void {
  for (const { message } of damaged) stderr.write(`note: ${message}\n`);
}

/** A table, or what else was asked for: data, unless JSON is, and then for people. */
export function writeText({ stdout, stderr }: Io, text: string, json: boolean | undefined): void {
  (json ? stderr : stdout).write(`${text}\n`);
}

/** One JSON document on standard output. */
export function writeJson({ stdout }: Io, document: unknown): void {
  stdout.write(`${JSON.stringify(document)}\n`);
}
