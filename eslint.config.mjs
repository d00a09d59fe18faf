import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Arrows go one way: apps -> libs, model -> engine; dataset needs neither tensors nor a model. */
const boundaries = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'type:util'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:util'] },
  { sourceTag: 'type:util', onlyDependOnLibsWithTags: ['type:util'] },
  { sourceTag: 'scope:engine', onlyDependOnLibsWithTags: ['scope:engine'] },
  { sourceTag: 'scope:dataset', onlyDependOnLibsWithTags: ['scope:dataset', 'scope:shared'] },
  { sourceTag: 'scope:model', onlyDependOnLibsWithTags: ['scope:model', 'scope:engine', 'scope:shared'] },
  {
    sourceTag: 'scope:metrics',
    onlyDependOnLibsWithTags: ['scope:metrics', 'scope:engine', 'scope:shared'],
  },
];

export default tseslint.config(
  { ignores: ['**/dist', '**/out-tsc', '**/test-output', '**/node_modules', '.nx', 'data', 'runs'] },
  ...nx.configs['flat/base'],
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts', '**/*.mjs'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: ['../../tools/test/vitest.mjs'],
          depConstraints: boundaries,
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
);
