import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, type RecipeInput, readRecipe, recipeJsonSchema } from '@hastejs/core';
import {
  after,
  anyOf,
  atMost,
  featureAlignment,
  gradientConflict,
  pairs,
  plateau,
  ramp,
  residual,
} from '@hastejs/haste';
import { toyData, toyTeacher } from '#support/toy.js';
import { toyHost } from '#support/toy-run.js';
import { schemaFaults } from '#support/json-schema.js';

const YAML = `
name: wrapped
steps: 400000
student: { id: student/sit, with: { size: SiT-B/2 } }
data: data/toy
alignment:
  teacher: teacher/toy
  terms:
    feature:
      loss: loss/feature
      layers: { id: layers/pairs, with: { pairs: [[4, final]] } }
      weight: { ramp: { start: 1000, steps: 500, shape: cosine, to: 0.1 }, overTime: [{ until: 1, factor: 2 }] }
  until:
    id: trigger/ramp
    with:
      steps: 50000
      trigger:
        id: trigger/at-most
        with:
          step: 200000
          trigger:
            id: trigger/any-of
            with:
              triggers:
                - { id: trigger/after, with: { step: 50000, trigger: { id: trigger/gradient-angle, with: { block: 4 } } } }
                - trigger/residual
                - { id: trigger/plateau, with: { metric: loss/denoise } }
`;

const TYPESCRIPT: RecipeInput = {
  name: 'wrapped',
  steps: 400_000,
  student: { id: 'student/sit', with: { size: 'SiT-B/2' } },
  data: toyData(),
  alignment: {
    teacher: toyTeacher(),
    terms: {
      feature: {
        loss: featureAlignment(),
        layers: pairs({ pairs: [[4, 'final']] }),
        weight: {
          ramp: { start: 1000, steps: 500, shape: 'cosine', to: 0.1 },
          overTime: [{ until: 1, factor: 2 }],
        },
      },
    },
    until: ramp(
      atMost(
        200_000,
        anyOf(after(50_000, gradientConflict({ block: 4 })), residual(), plateau({ metric: 'loss/denoise' })),
      ),
      { steps: 50_000 },
    ),
  },
};

let host: Host;
let folder: string;
beforeAll(async () => {
  host = await toyHost();
  folder = await mkdtemp(join(tmpdir(), 'haste-formats-'));
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

it('triggers and weights are the same in TypeScript, YAML and JSON, and resolve to themselves', async () => {
  const resolved = host.resolve(TYPESCRIPT);
  await writeFile(join(folder, 'r.yaml'), YAML);
  const yaml = (await readRecipe(join(folder, 'r.yaml'))).recipe;
  await writeFile(join(folder, 'r.json'), JSON.stringify(yaml));
  expect(host.resolve(yaml)).toEqual(resolved);
  expect(host.resolve((await readRecipe(join(folder, 'r.json'))).recipe)).toEqual(resolved);
  expect(host.resolve(resolved)).toEqual(resolved);
  expect(resolved.alignment!.terms['feature']!.weight).toEqual({
    value: 0.5,
    ramp: { start: 1000, steps: 500, shape: 'cosine', to: 0.1 },
    overTime: [{ until: 1, factor: 2 }],
  });
});

it('are checked by editors as by Haste, to any depth', async () => {
  await writeFile(join(folder, 'deep.yaml'), YAML);
  const { recipe } = await readRecipe(join(folder, 'deep.yaml'));
  const schema = recipeJsonSchema(host.registry);
  expect(schemaFaults(schema, recipe)).toEqual([]);
  const wrong = JSON.parse(JSON.stringify(recipe).replace('"block":4', '"blok":4')) as RecipeInput;
  expect(schemaFaults(schema, wrong)).not.toEqual([]);
  expect(() => host.resolve(wrong)).toThrow(
    expect.objectContaining({
      where: expect.stringContaining('until.with.trigger.with.trigger.with.triggers.0.with.trigger.with'),
    }),
  );
});
