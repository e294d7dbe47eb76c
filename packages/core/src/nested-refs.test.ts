import {
  REFERENCE_MARK,
  type Ref,
  Services,
  type TerminationTrigger,
  defineTrigger,
  reference,
} from '@hastejs/plugin-api';
import { z } from 'zod';
import { pluginOf, samples, thrownBy, trigger } from '#support/samples.js';
import { createHost } from './host.js';
import { recipeJsonSchema } from './json-schema.js';

/** Waits for all of the triggers in a list. */
const both = defineTrigger({
  id: 'trigger/both',
  summary: 'Wraps triggers.',
  options: z.strictObject({ triggers: z.array(reference('trigger')).min(1) }),
  inject: { extensions: Services.extensions },
  create: async ({ triggers }, { extensions }): Promise<TerminationTrigger> => {
    const inner = await Promise.all(triggers.map((ref) => extensions.create(ref)));
    return { ...inner[0]!, watches: inner.map(() => 'x') };
  },
});

const host = () => createHost({ plugins: [samples, pluginOf([both], { name: 'wrappers' })] });
const recipe = (until: unknown) => ({
  name: 'nested',
  student: 'student/sample',
  data: { id: 'data/sample', with: { dir: 'x' } },
  steps: 1,
  batchSize: 1,
  alignment: {
    teacher: 'teacher/sample',
    until: until as Ref<'trigger'>,
    terms: { t: { loss: 'loss/sample', layers: { id: 'layers/sample', with: { pairs: [[0, 0]] } } } },
  },
});

it('resolves references in options to any depth, short forms and calls alike, and to themselves', async () => {
  const { resolve } = await host();
  const until = both({
    triggers: [
      trigger({ step: 3 }),
      { id: 'trigger/both', with: { triggers: [{ id: 'trigger/sample', with: { step: 4 } }] } },
    ],
  });
  const resolved = resolve(recipe(until));
  const one = (step: number) => ({ kind: 'trigger', id: 'trigger/sample', with: { step } });
  expect(resolved.alignment!.until).toEqual({
    kind: 'trigger',
    id: 'trigger/both',
    with: { triggers: [one(3), { kind: 'trigger', id: 'trigger/both', with: { triggers: [one(4)] } }] },
  });
  expect(resolve(resolved)).toEqual(resolved);
});

it('says what is wrong inside, with the whole path', async () => {
  const { resolve } = await host();
  const inner = [
    { id: 'trigger/sample', with: { step: -1 } },
    'trigger/smaple',
    { kind: 'metric', id: 'metric/sample' },
  ];
  const { where } = await thrownBy(() =>
    resolve(recipe({ id: 'trigger/both', with: { triggers: inner.slice(0, 2) } })),
  );
  expect(where).toContain('alignment.until.with.triggers.0.with.step: expected a number at least 0, got number -1');
  expect(where).toContain('alignment.until.with.triggers.1: there is no trigger "trigger/smaple"');
  const wrong = await thrownBy(() => resolve(recipe({ id: 'trigger/both', with: { triggers: inner.slice(2) } })));
  expect(wrong.where).toContain('alignment.until.with.triggers.0.kind: expected "trigger"');
});

it('creates what options name, through the service', async () => {
  const { resolve, openRun } = await host();
  const resolved = resolve(recipe(both({ triggers: [trigger({ step: 3 }), trigger({ step: 4 })] })));
  const run = openRun(resolved, '.');
  expect((await run.create(resolved.alignment!.until!)).watches).toEqual(['x', 'x']);
  await run.close();
});

it('is one definition for editors, which names itself', async () => {
  const { registry } = await host();
  const text = JSON.stringify(recipeJsonSchema(registry));
  expect(text).not.toContain(REFERENCE_MARK);
  const { $defs } = JSON.parse(text) as { $defs: Record<string, unknown> };
  expect(Object.keys($defs)).toEqual(['trigger']);
  expect(JSON.stringify($defs['trigger'])).toContain('{"$ref":"#/$defs/trigger"}');
});
