/** Layouts that need no file of their own. */
import type { MappingInput } from '../mapping.js';
import { ganZoo } from './gan-zoo.js';
import { inference } from './inference.js';
import { officialFused, officialUnfused } from './official.js';
import { olderVersion } from './older-version.js';

const all = [officialFused, officialUnfused, olderVersion, ganZoo, inference];

/** Shipped mappings by name. */
export const shippedMappings: Readonly<Record<string, MappingInput>> = Object.fromEntries(
  all.map((mapping) => [mapping.name, mapping]),
);
