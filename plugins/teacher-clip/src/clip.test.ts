import { testPublishedForms } from '#support/published-teacher.js';
import { clip } from './index.js';

testPublishedForms(clip, ['clip', 'clip-hf', 'siglip-hf', 'timm']);

it('refuses options that it does not have', () => {
  expect(clip.options.safeParse({ weights: 'x', activation: 'relu' }).success).toBe(false);
  expect(clip.options.parse({ weights: 'x' })).toMatchObject({ positions: 'family', preprocessing: 'training' });
});
