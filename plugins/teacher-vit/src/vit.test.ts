import { testPublishedForms } from '#support/published-teacher.js';
import { vit } from './index.js';

testPublishedForms(vit, ['mae', 'mae-hf', 'ijepa', 'ijepa-hf', 'mocov3', 'vit-hf', 'timm']);

it('refuses families that are other teachers’', () => {
  expect(vit.options.safeParse({ weights: 'x', family: 'dinov2' }).success).toBe(false);
  expect(vit.options.parse({ weights: 'x', family: 'mae' })).toMatchObject({ positions: 'family', chunk: 64 });
});
