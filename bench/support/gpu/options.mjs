// The command line of bench/gpu.mjs.
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- gpu [options]

  --only A,B       only these parts; without it, all of them in their order
  --device NAME    cuda, or cpu to try the command itself (cuda)
  --quick          tiny models and a few tests of each suite: for trying the command itself
  --seconds N      no part begins that is not expected to end in this time (540)
  --json FILE      writes everything found
`;

/**
 * @param parts the names that there are.
 * @throws Error in words for a person.
 */
export function parseOptions(args, parts) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      device: { type: 'string', default: 'cuda' },
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '540' },
      json: { type: 'string' },
    },
  });
  if (!['cpu', 'cuda'].includes(values.device))
    throw new Error(`There is no device '${values.device}', but cpu and cuda.`);
  if (!/^[1-9]\d*$/.test(values.seconds))
    throw new Error(`--seconds takes a number from 1 up, not '${values.seconds}'.`);
  const only = values.only?.split(',') ?? parts;
  const unknown = only.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new Error(`There is no part '${unknown}', but ${parts.join(', ')}.`);
  return { ...values, only, seconds: Number(values.seconds) };
}
