// A teacher plugin of vision transformers, held against every published form: it takes its own families and refuses the others.
import { contractFaults } from '@hastejs/core';
import type { VitFamilyId } from '@hastejs/models';
import { type AnyExtension, HasteError, type Taps } from '@hastejs/plugin-api';
import { type Tensor4D, tf } from '@hastejs/tensor';
import { activateBackend } from './backends.js';
import { useTemporaryFolder } from './images.js';
import { PUBLISHED_FORMS, teacherServices, writeForm, zerosOfForm } from './vit-files.js';

type Teacher = AnyExtension<'teacher'>;
const NORMALISATION = { mean: [0, 0, 0], std: [1, 1, 1] };
const GRID = { height: 3, width: 2 };

/** Declares the tests of a plugin's teacher. @param families what it takes: all others must be refused by name. */
export function testPublishedForms(teacher: Teacher, families: readonly VitFamilyId[]): void {
  const folder = useTemporaryFolder();
  const make = async (index: number) => {
    const published = PUBLISHED_FORMS[index]!;
    const weights = await writeForm(folder(), published, {}, zerosOfForm(published));
    const { family, gelu } = published.form.hint ?? {};
    const wanted = {
      weights,
      normalisation: NORMALISATION,
      ...(family && { family }),
      ...(gelu && 'activation' in teacher.options.shape && { activation: gelu }),
    };
    const options = teacher.options.parse(wanted);
    return { options, services: teacherServices(folder(), GRID), spec: published.spec };
  };
  const forms = PUBLISHED_FORMS.map(({ name, form }, index) => [name, form.family, index] as const);
  const isOwn = (family: VitFamilyId) => families.includes(family);

  describe(`${teacher.id} reads published weights`, () => {
    beforeAll(() => activateBackend('wasm'));
    afterEach(() => expect(tf.memory().numTensors).toBe(0));

    it.each(forms.filter(([, family]) => isOwn(family)))('with %s (%s)', async (_, __, index) => {
      const { options, services, spec } = await make(index);
      const made = await teacher.create(options as never, services as never);
      expect(contractFaults('teacher', made)).toEqual([]);
      expect(made.needs).toBeUndefined();
      const { numHeads: heads, hiddenSize: width, depth: blocks } = spec;
      expect(made.spec).toMatchObject({ blocks, width, heads, headDim: width / heads, grid: GRID });
      const taps: Taps = { tokens: [0, 'final'], attention: [blocks - 1] };
      tf.tidy(() => {
        const { tokens, attention } = made.encode(tf.zeros([2, 1, 5, 4]) as Tensor4D, taps);
        expect([...tokens.values()].map(({ shape }) => shape)).toEqual([0, 1].map(() => [2, 6, width]));
        const { q_BHTd, k_BHTd } = attention.get(blocks - 1)!;
        expect([q_BHTd.shape, k_BHTd.shape]).toEqual([0, 1].map(() => [2, heads, 6, width / heads]));
      });
      made.dispose();
      made.dispose();
    });

    it('refuses the files of all other families', async () => {
      for (const [name, family, index] of forms.filter(([, family]) => !isOwn(family))) {
        const { options, services } = await make(index).catch(() => ({ options: null, services: null }));
        // A hint for a family that the plugin does not have is refused by its schema already.
        if (!options) continue;
        const error = await Promise.resolve(teacher.create(options as never, services as never)).catch(
          (e: unknown) => e,
        );
        expect([name, family, error instanceof HasteError && error.code]).toEqual([name, family, 'WEIGHTS_MISMATCH']);
      }
    });

    it('is told apart by its weights, and describes every option', async () => {
      const index = forms.findIndex(([, family]) => isOwn(family));
      const { options, services } = await make(index);
      const print = () => teacher.fingerprint!(options as never, services as never);
      expect(await print()).toBe(await print());
      for (const [name, option] of Object.entries(teacher.options.shape)) {
        expect([name, (option as { description?: string }).description]).toEqual([
          name,
          expect.stringMatching(/.{20}/),
        ]);
      }
    });
  });
}
