// What every kind promises is broken once, as a sampler, the kind that needs least.
import { HasteError, type Sampler, defineSampler } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { samplerContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type CommonCheck, expectCaught } from './expect-caught.js';

const sample: Sampler = { sample: async ({ start }) => Float64Array.from(start) };
type Case = Parameters<typeof samplerContract>[1];

const broken = (
  name: string,
  { summary = 'Broken on purpose.', options = z.strictObject({}) as z.ZodObject, create = () => sample },
  contractCase: Case = {},
) => samplerContract(defineSampler({ id: `broken/${name}`, summary, options, create }), contractCase);

const refusing = (name: string, error: () => unknown, says?: RegExp) => {
  const create = (): Sampler => {
    throw error();
  };
  return broken(name, { create }, { refuses: [{ options: {}, ...(says && { says }) }] });
};
const steps = z.int().default(5).describe('Number of steps.');

const TABLE: Readonly<Record<CommonCheck, [ReturnType<typeof broken>, string | RegExp][]>> = {
  'says in one sentence what it is': [
    [broken('word', { summary: 'Sampler' }), 'The summary of broken/word is "Sampler".'],
    [broken('lines', { summary: 'One line.\nAnother one.' }), /^The summary of broken\/lines is/],
  ],
  'describes every option': [
    [broken('silent', { options: z.strictObject({ steps: z.int().default(5) }) }), 'An option has no description: steps.'], // prettier-ignore
    [
      broken('inside', {
        options: z.strictObject({
          steps,
          decay: z.strictObject({ until: z.int() }).optional().describe('When it ends.'),
        }),
      }),
      'An option has no description: decay.until.',
    ],
  ],
  'refuses options that it does not know': [
    // What core can see in the schema, core refuses; this one it cannot.
    [
      broken('stripping', { options: z.strictObject({ steps }).or(z.strictObject({ steps })) as never }),
      /options: expected z\.strictObject/,
    ],
    [
      broken('loose', { options: z.object({ steps }) }),
      /options: unknown keys would pass unnoticed; use z\.strictObject there/,
    ],
    [
      broken('loose-inside', {
        options: z.strictObject({ decay: z.object({ until: z.int().default(3) }).prefault({}) }),
      }),
      /options\.decay: unknown keys would pass unnoticed/,
    ],
    [
      broken('record', {
        options: z.strictObject({ rates: z.record(z.string(), z.json()).default({ a: 1 }).describe('Rates by name.') }),
      }),
      'An unknown key passes in options.rates.',
    ],
  ],
  'refuses options of another type': [
    [broken('anything', { options: z.strictObject({ steps: z.unknown().describe('Steps, of any kind.') }) }, { options: { steps: 1 } }), 'Whatever is given passes as steps.'], // prettier-ignore
  ],
  'has options that are the same after JSON and a second check': [
    [
      broken('endless', {
        options: z.strictObject({
          until: z.number().or(z.literal(Infinity)).default(Infinity).describe('The last step.'),
        }),
      }),
      /not what JSON makes|values must be plain JSON/,
    ],
    [
      broken('bad-default', {
        options: z.strictObject({ steps: z.int().max(3).default(5).describe('Number of steps.') }),
      }),
      /^The options, defaults filled in, are refused: steps: /,
    ],
    [
      broken('growing', {
        options: z.strictObject({
          name: z
            .string()
            .default('a')
            .overwrite((name) => `${name}/x`)
            .describe('Name of values.'),
        }),
      }),
      /^The options, defaults filled in, become \{"name":"a\/x(\/x)?"\} when they are checked again\.$|^The options/,
    ],
  ],
  'refuses bad options with an error that people can read': [
    [broken('lenient', {}, { refuses: [{ options: {} }] }), 'It was created with options that it must refuse.'],
    [refusing('bare', () => new TypeError("Cannot read properties of undefined (reading 'length')")), "It threw a bare TypeError: Cannot read properties of undefined (reading 'length')."], // prettier-ignore
    [refusing('text', () => 'no'), 'It threw a bare no.'],
    [
      refusing('half', () => new HasteError('DATA_MISSING', { what: 'No.' })),
      /^Its error does not say where and fix: No\. \[DATA_MISSING\]/,
    ],
    [
      refusing(
        'garbled',
        () => new HasteError('DATA_MISSING', { what: `There is no ${{}}.`, where: 'here', fix: 'Look.' }),
      ),
      /^Its error says "\[object ", which is no word for people/,
    ],
    [
      refusing(
        'vague',
        () => new HasteError('DATA_MISSING', { what: 'It is gone.', where: 'here', fix: 'Look.' }),
        /train\.csv/,
      ),
      /^Its error does not say \/train\\\.csv\/: It is gone\./,
    ],
    [
      refusing('leaking', () => {
        tf.scalar(1);
        return new HasteError('DATA_MISSING', { what: 'It is gone.', where: 'here', fix: 'Look.' });
      }),
      'A create() that was refused leaves 1 tensor behind.',
    ],
  ],
};

afterEach(() => tf.disposeVariables());
describe('a broken declaration is caught', () => expectCaught(TABLE));
