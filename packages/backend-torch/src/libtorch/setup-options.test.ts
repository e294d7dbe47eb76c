import { availableParallelism } from 'node:os';
import { parseSetup } from './setup-options.js';

it('builds for what is found, with all processors, unless told otherwise', () => {
  expect(parseSetup([])).toEqual({ fresh: false, jobs: availableParallelism(), help: false });
  expect(parseSetup(['--version', '2.14.1+cpu', '--fresh', '--jobs', '1'])).toEqual({
    version: '2.14.1+cpu',
    fresh: true,
    jobs: 1,
    help: false,
  });
  expect(parseSetup(['--libtorch=/opt/t'])).toMatchObject({ libtorch: '/opt/t' });
});

it.each([
  [['--jobs', '0'], /--jobs must be/],
  [['--jobs', 'many'], /--jobs must be/],
  [['--version', 'newest'], /--version must be like 2\.13\.0/],
  [['--version', '2.13.0', '--libtorch', '/t'], /not both/],
  [['--cuda'], /--cuda/],
  [['torch'], /torch/],
])('refuses %j', (argv, message) => {
  expect(() => parseSetup(argv)).toThrow(
    expect.objectContaining({ code: 'USAGE', what: expect.stringMatching(message) }),
  );
});
