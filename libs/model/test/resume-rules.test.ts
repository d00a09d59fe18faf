import { expect, it } from 'vitest';
import {
  compareSettings,
  compareTrainingOptions,
  parseTrainingOptions,
  trainingResumeRules,
} from '../src/index.js';

const base = { network: { resolution: 16, fmapBase: 64 }, schedule: { minibatchDict: { 4: 16, 8: 8 } } };

/** What a change of the options above amounts to: setting, was, now, class. */
function changed(changes: object) {
  const [was, now] = [parseTrainingOptions(base), parseTrainingOptions({ ...base, ...changes })];
  return compareTrainingOptions(was, now).map((d) => [d.setting, d.was, d.now, d.class]);
}

it.each<[string, object, unknown[][]]>([
  ['nothing', {}, []],
  [
    'the width of the layers',
    { network: { ...base.network, fmapMax: 8 } },
    [
      ['network.fmapMax', 512, 8, 'refused'],
      ['network.latentSize', 64, 8, 'refused'],
    ],
  ],
  [
    'the size of the images',
    { network: { ...base.network, resolution: 8 } },
    [['network.resolution', 16, 8, 'refused']],
  ],
  [
    'a layer',
    { network: { ...base.network, mbstdGroupSize: 'all' } },
    [['network.mbstdGroupSize', 4, 'all', 'refused']],
  ],
  ['the seed', { seed: 7 }, [['seed', 1000, 7, 'refused']]],
  ['the loss', { loss: 'lsgan' }, [['loss', 'wgan-gp', 'lsgan', 'refused']]],
  ['a weight of the loss', { wgan: { lambda: 5 } }, [['wgan.lambda', 10, 5, 'allowed']]],
  [
    'rates',
    { schedule: { ...base.schedule, GlrateBase: 0.002, DlrateDict: { 8: 0.003 } } },
    [
      ['schedule.GlrateBase', 0.001, 0.002, 'allowed'],
      ['schedule.DlrateDict.8', undefined, 0.003, 'allowed'],
    ],
  ],
  [
    'lengths',
    { totalKimg: 20000, schedule: { ...base.schedule, lodTransitionKimg: 300 } },
    [
      ['schedule.lodTransitionKimg', 600, 300, 'allowed'],
      ['totalKimg', 15000, 20000, 'allowed'],
    ],
  ],
  [
    'minibatches',
    { schedule: { minibatchDict: { 4: 16 } } },
    [['schedule.minibatchDict.8', 8, undefined, 'allowed']],
  ],
  [
    'the rules of divergence',
    { divergence: { scoreDrift: false } },
    [
      ['divergence.scoreDrift.limit', 10000, undefined, 'allowed'],
      ['divergence.scoreDrift', undefined, false, 'allowed'],
    ],
  ],
  [
    'what is written',
    {
      networkSnapshotTicks: 2,
      snapshotGrid: { columns: 3, rows: 2 },
      schedule: { ...base.schedule, tickKimgBase: 5 },
    },
    [
      ['schedule.tickKimgBase', 160, 5, 'harmless'],
      ['networkSnapshotTicks', 10, 2, 'harmless'],
      ['snapshotGrid', '1080p', undefined, 'harmless'],
      ['snapshotGrid.columns', undefined, 3, 'harmless'],
      ['snapshotGrid.rows', undefined, 2, 'harmless'],
    ],
  ],
])('a continued run with another value of %s', (_, changes, expected) => {
  expect(changed(changes)).toEqual(expected);
});

it('every training option has a rule; a setting without one is refused', () => {
  const options = parseTrainingOptions(base);
  expect(Object.keys(options).filter((key) => !(key in trainingResumeRules))).toEqual([]);
  expect(compareSettings({ a: { b: 1 } }, { a: { b: 2 } }, {})).toEqual([
    { setting: 'a.b', was: 1, now: 2, class: 'refused', reason: 'not known to this version' },
  ]);
});
