import { didYouMean, suggest } from './suggest.js';

const IDS = ['student/sit', 'teacher/vit', 'loss/feature', 'loss/attention', 'sampler/euler', 'sampler/heun'];

it.each([
  ['loss/featrue', 'loss/feature'],
  ['Loss/Feature', 'loss/feature'],
  ['sit', 'student/sit'],
  ['attention', 'loss/attention'],
  ['sampler/eulr', 'sampler/euler'],
])('takes %s for %s', (word, meant) => expect(suggest(word, IDS)).toBe(meant));

it.each(['banana', 'x', ''])('does not guess at "%s"', (word) => expect(suggest(word, IDS)).toBeUndefined());

it('prefers the nearest', () => expect(suggest('steps', ['step', 'stepz', 'keeps'])).toBe('step'));

it('asks in a sentence, or not at all', () => {
  expect(didYouMean('hiden', ['hidden'])).toBe(' Did you mean "hidden"?');
  expect(didYouMean('hiden', ['width'])).toBe('');
});
