import { expect, it } from 'vitest';
import { formatOfficialTable } from '../../src/index.js';

it('the table has the official columns', () => {
  const values = (a: number, b: number, c: number) => [
    { name: 'SWDx1e3_16', value: a },
    { name: 'SWDx1e3_avg', value: b },
    { name: 'FID', value: c },
  ];
  // facts 8.1: Snapshot 10, Time_eval 12, SWD 13, others 10, four digits
  expect(
    formatOfficialTable([
      { snapshot: 'Reals', time: '12m 05s', values: values(0, 0, 0.00004) },
      { snapshot: '12000', time: '1h 02m 03s', values: values(2.34567, 13.5, 123456.78901).slice(0, 2) },
    ]),
  ).toBe(
    [
      '',
      'Snapshot  Time_eval   SWDx1e3_16   SWDx1e3_avg  FID       ',
      '---       ---         ---          ---          ---       ',
      'Reals     12m 05s     0.0000       0.0000       0.0000    ',
      '12000     1h 02m 03s  2.3457       13.5000      -         ',
      '',
    ].join('\n'),
  );
});

it('what does not fit its column is parted from the next', () => {
  const values = [
    { name: 'FID', value: 3288693.12094 },
    { name: 'MS-SSIM', value: 0.5 },
  ];
  const table = formatOfficialTable([{ snapshot: 'fakes-of-all', time: '1s', values }]);
  expect(table).toContain('fakes-of-all 1s          3288693.1209 0.5000    ');
});
