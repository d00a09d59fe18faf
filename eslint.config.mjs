import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Arrows go one way: apps -> libs, model -> engine; dataset and metrics need neither tensors nor a model. */
const boundaries = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'type:util'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:util'] },
  { sourceTag: 'type:util', onlyDependOnLibsWithTags: ['type:util'] },
  { sourceTag: 'scope:engine', onlyDependOnLibsWithTags: ['scope:engine'] },
  {
    sourceTag: 'scope:dataset',
    onlyDependOnLibsWithTags: ['scope:dataset', 'scope:shared'],
    bannedExternalImports: ['@tensorflow/*'],
  },
  {
    sourceTag: 'scope:model',
    onlyDependOnLibsWithTags: ['scope:model', 'scope:engine', 'scope:shared'],
    // tf comes from the engine: there is one instance of it.
    bannedExternalImports: ['@tensorflow/*'],
  },
  {
    sourceTag: 'scope:metrics',
    onlyDependOnLibsWithTags: ['scope:metrics', 'scope:engine', 'scope:shared'],
    bannedExternalImports: ['@tensorflow/*'],
  },
];

/**
 * WGAN-GP differentiates a gradient. For these tfjs ops that throws or, worse, gives a wrong number
 * (exp, sigmoid, tanh, softmax): found by comparing second derivatives with differences on the cpu
 * backend. `where` is not here: it is right when its condition does not depend on what is differentiated.
 */
const notTwiceDifferentiable =
  'avgPool|batchNorm|broadcastTo|clipByValue|conv3d|cumprod|cumsum|depthToSpace|depthwiseConv2d|dilation2d|' +
  'divNoNan|einsum|elu|exp|leakyRelu|localResponseNormalization|logSoftmax|logSumExp|maxPool|minimum|pool|' +
  'prelu|prod|relu6|resizeBilinear|resizeNearestNeighbor|selu|separableConv2d|sigmoid|softmax|stridedSlice|' +
  'tanh|tile';
const secondOrderRemedy =
  'tfjs cannot differentiate this op twice, which the gradient penalty needs. Use the ops of @pggan/engine.';

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
          // Metrics loads it for some feature extractors only, and its subpath `classifier` cannot do without.
          checkDynamicDependenciesExceptions: ['@pggan/engine'],
          depConstraints: boundaries,
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // `import { type X }` would still load the file at run time.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['libs/metrics/src/**'],
    ignores: ['libs/metrics/src/classifier/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@pggan/engine',
              message: 'It is an optional peer: load it where it is needed, by import().',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/model/src/**', 'libs/engine/src/ops/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          // As tf.exp(x) and as x.exp(), but not Math.exp(x).
          selector: `CallExpression[callee.property.name=/^(${notTwiceDifferentiable})$/]:not([callee.object.name='Math'])`,
          message: secondOrderRemedy,
        },
        {
          selector: "CallExpression[callee.object.name='tf'][callee.property.name=/^(max|min)$/]",
          message: secondOrderRemedy,
        },
      ],
    },
  },
);
