import { PINNED, judge } from './version.js';

it.each(['1.13', '1.13.1', '2.0.0', '2.11.0+cu130', '2.14.1', '2.9.0a0+git1234', PINNED])('takes %s', (version) => {
  expect(judge(version)).toEqual({ fits: true });
});

it.each(['1.12.1', '0.4', '1.4.0'])('refuses %s, by its number', (version) => {
  expect(judge(version)).toEqual({
    fits: false,
    reason: expect.stringContaining(`libtorch ${version}, and Haste needs`),
  });
});

it.each(['2.15.0', '3.0'])('tries %s, with a warning', (version) => {
  expect(judge(version)).toEqual({ fits: true, warning: expect.stringContaining(version) });
});

it('refuses what is no version', () => {
  expect(judge('main')).toEqual({ fits: false, reason: 'its version "main" cannot be read' });
});
