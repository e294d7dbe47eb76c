import { makeSit } from '@hastejs/models';
import { Services, type Student, type StudentSpec, defineStudent } from '@hastejs/plugin-api';
import { z } from 'zod';
import { fakeDataSpec } from './fake-data.js';

const SIZE = { hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 2, qkNorm: false } as const;

/** A SiT with 3 blocks of width 16 and 2 heads on patches of 4×4 pixels: a step takes some ten milliseconds on cpu. */
export const fakeStudent = defineStudent({
  id: 'testkit/student',
  summary: 'A SiT with 3 blocks of width 16.',
  options: z.strictObject({}),
  inject: { data: Services.data },
  create: (_options, { data }): Student => makeSit({ ...SIZE, input: data.image, classes: data.classes.length }),
});

/** What {@link fakeStudent} promises on {@link fakeDataSpec}; any part may be another. */
export function fakeStudentSpec(change: Partial<StudentSpec> = {}): StudentSpec {
  const { image, classes } = fakeDataSpec();
  return { ...makeSit({ ...SIZE, input: image, classes: classes.length }).spec, ...change };
}
