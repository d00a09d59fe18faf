/** Command line of `prep build-dataset` → options of the library, checked once. */
import { basename, join, resolve } from 'node:path';
import {
  buildOptionsSchema,
  chooseSource,
  DatasetError,
  expectationOf,
  parseSize,
  planBuild,
  sizeExpectation,
  withoutEffect,
  type BuildOptions,
} from '@pggan/dataset';
import type { z } from 'zod';
import { UsageError } from '../usage-error.js';

/** The embedded sample: where `nx run sample-faces:generate` puts it and where its dataset goes. */
export const sampleSource = 'data/sample-faces';
const sampleOut = 'data/datasets/sample';

/** As commander hands them over: text, or a flag. */
export interface CommandLine {
  readonly source: string;
  readonly kind: string;
  readonly split: string;
  readonly coarse?: boolean | undefined;
  readonly stacks: string;
  readonly stackSeed: string;
  readonly out?: string | undefined;
  readonly replace?: boolean | undefined;
  readonly name?: string | undefined;
  readonly shardImages?: string | undefined;
  readonly resolution?: string | undefined;
  readonly align?: string | undefined;
  readonly faces?: string | undefined;
  readonly alignMode?: string | undefined;
  readonly quad?: string | undefined;
  readonly fit?: string | undefined;
  readonly crop?: string | undefined;
  readonly background?: string | undefined;
  readonly channels?: string | undefined;
  readonly mirror?: boolean | undefined;
  readonly landmarks: string;
  readonly faceModel?: string | undefined;
  readonly enhancer?: string | undefined;
  readonly removeArtefacts?: boolean | undefined;
  readonly minConfidence: string;
  readonly search: string;
  readonly detectSide: string;
  readonly minFace: string;
  readonly maxPad: string;
  readonly minSharpness?: string | undefined;
  readonly enlargeLimit: string;
  readonly enlarged: string;
  readonly min?: readonly string[] | undefined;
  readonly max?: readonly string[] | undefined;
  readonly top?: string | undefined;
  readonly topBy?: readonly string[] | undefined;
  readonly nearDuplicates: string;
  readonly distance: string;
  readonly likeness: string;
  readonly notes?: string | undefined;
  readonly maxPixels: string;
  readonly duplicates?: string | undefined;
  readonly labels?: string | undefined;
  readonly shuffle?: boolean | undefined;
  readonly seed: string;
  readonly maxImages?: string | undefined;
  readonly workers?: string | undefined;
  readonly keepWork?: boolean | undefined;
}

/** Folder of the dataset: the name of the source, without the ending of an archive. tools/nx/dataset-outputs.mjs has a copy. */
export function outputOf({
  out,
  source,
  kind,
  split,
}: Pick<CommandLine, 'out' | 'source' | 'kind' | 'split'>): string {
  if (out !== undefined) return out;
  if (source === sampleSource) return sampleOut;
  const name = basename(resolve(source)).replace(/\.(zip|tar|tgz|tar\.gz)$/i, '');
  return join(
    'data/datasets',
    `${name}${kind === 'mnist-rgb' ? '-rgb' : ''}${split === 'test' ? '-test' : ''}`,
  );
}

/** Options of the library that go by another name on the command line. */
const flags: Record<string, string> = { size: 'resolution', shuffle: 'no-shuffle' };

function nameOf(path: readonly PropertyKey[]): string {
  return String(path[0] ?? '');
}

function flagOf(path: readonly PropertyKey[]): string {
  const name = flags[nameOf(path)] ?? nameOf(path);
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What options made of several numbers, or of one of several forms, look like. */
const forms: Record<string, string> = {
  size: sizeExpectation,
  crop: 'X,Y,SIDE in pixels, such as 89,121,128',
  background: 'R,G,B, each 0 to 255',
  channels: '1 or 3',
  landmarks: 'auto, annotation, detect, or a .csv or .json file',
  min: 'NAME=NUMBER, such as spectrum=-20',
  max: 'NAME=NUMBER, such as yaw=35',
  top: 'a whole number from 1 on, or all',
  topBy: 'names of scores, or NAME=WEIGHT',
};

function expectation(issue: z.core.$ZodIssue): string {
  const form = forms[nameOf(issue.path)];
  // The message of the size names one that would do.
  if (form !== undefined && issue.code !== 'custom') return `expected ${form}`;
  // What should be text or a flag always is; only numbers can be of another type.
  if (issue.code === 'invalid_type' && issue.expected !== 'int') return 'expected a number';
  return `expected ${expectationOf(issue)}`;
}

function explain(issue: z.core.$ZodIssue, line: CommandLine): string {
  const name = flags[nameOf(issue.path)] ?? nameOf(issue.path);
  const got = (line as unknown as Record<string, unknown>)[name];
  return `${flagOf(issue.path)}: ${expectation(issue)}, got "${String(got)}"`;
}

/** Text that is no number stays text, so that the message can show it. */
function number(text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

/** `12,34` → [12, 34]; other text stays text. */
function numbers(text: string | undefined): unknown[] | undefined {
  return text?.split(',').map(number);
}

function crop(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const [x, y, side, ...more] = numbers(text)!;
  return more.length === 0 ? { x, y, side } : text;
}

function labels(text: string | undefined): unknown {
  if (text === undefined || ['none', 'own', 'folders'].includes(text)) return text;
  if (/\.(csv|json)$/i.test(text)) return { file: text };
  return { columns: text.split(',').map((name) => name.trim()) };
}

function landmarks(text: string): unknown {
  return /\.(csv|json)$/i.test(text) ? { file: text } : text;
}

/** `['a=1,b=2', 'c']` → { a: 1, b: 2, c: alone }; what is no number stays text. */
function byName(parts: readonly string[] | undefined, alone?: number): Record<string, unknown> | undefined {
  const entries = parts?.flatMap((part) => part.split(',')).map((part) => part.split(/=(.*)/s));
  return (
    entries &&
    Object.fromEntries(
      entries.map(([name, value]) => [name!.trim(), value === undefined ? alone : number(value)]),
    )
  );
}

/** Of two limits on one score only one could count: better to ask which. */
function checkRepeated(flag: string, parts: readonly string[] | undefined): void {
  const names = (parts ?? []).flatMap((part) => part.split(',')).map((part) => part.split('=')[0]!.trim());
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new UsageError(`${flag}: expected one number for each score, got several for ${twice}`);
}

/** @throws UsageError naming every wrong option */
export function parseBuildOptions(line: CommandLine): BuildOptions {
  const { resolution, ...rest } = line;
  checkRepeated('--min', line.min);
  checkRepeated('--max', line.max);
  const given = {
    ...rest,
    out: outputOf(line),
    size: resolution === undefined ? undefined : (parseSize(resolution) ?? resolution),
    crop: crop(line.crop),
    background: numbers(line.background),
    channels: number(line.channels),
    labels: labels(line.labels),
    landmarks: landmarks(line.landmarks),
    stacks: number(line.stacks),
    stackSeed: number(line.stackSeed),
    shardImages: number(line.shardImages),
    minFace: number(line.minFace),
    maxPad: number(line.maxPad),
    minSharpness: number(line.minSharpness),
    enlargeLimit: number(line.enlargeLimit),
    minConfidence: number(line.minConfidence),
    detectSide: number(line.detectSide),
    min: byName(line.min),
    max: byName(line.max),
    top: line.top === 'all' ? null : number(line.top),
    topBy: byName(line.topBy, 1),
    distance: number(line.distance),
    likeness: number(line.likeness),
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

/**
 * Options without any effect are a misunderstanding. `given`: by the user, not by default.
 * @throws UsageError, and those of a source that is not there
 */
export async function checkEffect(options: BuildOptions, given: readonly string[]): Promise<void> {
  const { kind, defaults } = await chooseSource(options.source, options.kind);
  const { align } = planBuild(options, defaults).prepare;
  const idle = withoutEffect(given, align).map((option) => flagOf([option]));
  if (idle.length === 0) return;
  const by = options.align === undefined ? ` (what a source of kind ${kind} is taken for)` : '';
  throw new UsageError(
    `${idle.join(', ')}: without effect on ${align === 'none' ? 'whole pictures' : 'faces'}, --align ${align}${by}; ` +
      `leave ${idle.length === 1 ? 'it' : 'them'} out, or ask for --align ${align === 'none' ? 'face' : 'none'}`,
  );
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
