import { testTeacherContract } from '#support/teacher-contract.js';
import { clip } from './index.js';

testTeacherContract(clip, ['clip', 'clip-hf', 'siglip-hf', 'timm']);

it('refuses options that it does not have', () => {
  expect(clip.options.safeParse({ weights: 'x', activation: 'relu' }).success).toBe(false);
  expect(clip.options.parse({ weights: 'x' })).toMatchObject({ positions: 'family', preprocessing: 'training' });
});
