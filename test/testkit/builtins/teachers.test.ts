import { join } from 'node:path';
import { METADATA_KEY } from '@hastejs/features';
import { rng, writeSafetensors } from '@hastejs/tensor';
import { fakeDataSpec, fakeTeacherSpec } from '@hastejs/testkit';
import { PUBLISHED_FORMS, writeForm } from '#support/vit-files.js';
import { testBuiltins } from './test-builtins.js';

const NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const missing = [{ options: { weights: 'no-such-file.safetensors' }, says: /no-such-file/ }];

testBuiltins(['teacher'], async (root) => {
  /** A small model of a family, its weights in a file. */
  const published = async (family: string) => {
    const form = PUBLISHED_FORMS.find((one) => one.form.family === family)!;
    return {
      options: { weights: await writeForm(root, form), normalisation: NORMALISATION },
      files: root,
      refuses: missing,
    };
  };
  await writeFeatures(join(root, 'features.safetensors'));
  return {
    'teacher/dino': await published('dino'),
    'teacher/clip': await published('siglip-hf'),
    'teacher/vit': await published('mae'),
    'teacher/features': {
      options: { path: 'features.safetensors' },
      files: root,
      refuses: [{ options: { path: 'nowhere.safetensors' }, says: /nowhere/ }],
    },
    'teacher/self': {},
  };
});

/** Features of the made-up data in a file. */
async function writeFeatures(path: string): Promise<void> {
  const { name, length, fingerprint, variants } = fakeDataSpec();
  const metadata = { version: 1, teacher: fakeTeacherSpec(), data: { name, length, fingerprint, variants }, first: 0 };
  const data = rng(1).normal(length * 6 * 16);
  const maps = { dtype: 'F32' as const, shape: [length, 2, 6, 8], data };
  const tensors = { 'tokens.final': { ...maps, shape: [length, 6, 16] }, 'queries.1': maps, 'keys.1': maps };
  await writeSafetensors(path, tensors, { [METADATA_KEY]: JSON.stringify(metadata) });
}
