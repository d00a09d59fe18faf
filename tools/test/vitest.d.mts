import type { UserConfig } from 'vitest/config';

export function projectConfig(name: string, root: string, options?: { isolate?: boolean }): UserConfig;
