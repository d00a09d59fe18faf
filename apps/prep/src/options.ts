/** Command line of `prep build-dataset` → options of the library, checked once. */
import { basename, join, resolve } from 'node:path';
import { buildOptionsSchema, DatasetError, type BuildOptions } from '@pggan/dataset';
import type { z } from 'zod';

/** The embedded sample: where `nx run sample-faces:generate` puts it and where its dataset goes. */
export const sampleSource = 'data/sample-faces';
const sampleOut = 'data/datasets/sample';

/** As commander hands them over: text, or a flag. */
export interface CommandLine {
  readonly source: string;
  readonly out?: string | undefined;
  readonly name?: string | undefined;
  readonly resolution: string;
  readonly align: string;
  readonly landmarks: string;
  readonly faceModel?: string | undefined;
  readonly minFace: string;
  readonly maxPad: string;
  readonly minSharpness: string;
  readonly enlargeLimit: string;
  readonly maxPixels: string;
  readonly labels: string;
  readonly shuffle: boolean;
  readonly seed: string;
  readonly maxImages?: string | undefined;
  readonly workers?: string | undefined;
  readonly keepWork?: boolean | undefined;
}

/** A wrong command line. */
export class UsageError extends Error {
  readonly code = 'usage';
}

function outOf(line: CommandLine): string {
  if (line.out !== undefined) return line.out;
  return line.source === sampleSource ? sampleOut : join('data/datasets', basename(resolve(line.source)));
}

function flagOf(path: readonly PropertyKey[]): string {
  return `--${String(path[0] ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'expected a whole number' : 'expected a number';
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    case 'invalid_value':
      return `expected one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}

function explain(issue: z.core.$ZodIssue, line: CommandLine): string {
  const got = (line as unknown as Record<string, unknown>)[String(issue.path[0])];
  return `${flagOf(issue.path)}: ${expectation(issue)}, got "${String(got)}"`;
}

/** Text that is no number stays text, so that the message can show it. */
function number(text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

function labels(text: string): 'none' | 'attr' | string[] {
  return text === 'none' || text === 'attr' ? text : text.split(',').map((name) => name.trim());
}

/** @throws UsageError naming every wrong option */
export function parseBuildOptions(line: CommandLine): BuildOptions {
  const given = {
    ...line,
    out: outOf(line),
    labels: labels(line.labels),
    resolution: number(line.resolution),
    minFace: number(line.minFace),
    maxPad: number(line.maxPad),
    minSharpness: number(line.minSharpness),
    enlargeLimit: number(line.enlargeLimit),
    maxPixels: number(line.maxPixels),
    seed: number(line.seed),
    maxImages: number(line.maxImages),
    workers: number(line.workers),
  };
  const parsed = buildOptionsSchema.safeParse(given);
  if (!parsed.success)
    throw new UsageError(parsed.error.issues.map((issue) => explain(issue, line)).join('\n'));
  return parsed.data;
}

/** The sample is made by another command; say which. */
export function withSampleHint(error: unknown, options: BuildOptions): unknown {
  if (!(error instanceof DatasetError) || options.source !== sampleSource) return error;
  if (error.code !== 'source-missing' && error.code !== 'source-empty') return error;
  return new DatasetError(
    error.code,
    `${sampleSource}: the embedded sample is not there; make it with "npx nx run sample-faces:generate", ` +
      'or name a folder of pictures with --source',
  );
}
