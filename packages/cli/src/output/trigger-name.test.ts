import { triggerName } from './trigger-name.js';

const ref = (id: string, options: object) => ({ kind: 'trigger', id: `trigger/${id}`, with: options }) as never;

it('names triggers and what they wrap, in a line that fits', () => {
  expect(triggerName(null)).toBe('never');
  expect(triggerName(ref('fixed', { step: 300 }))).toBe('fixed(step 300)');
  const both = [ref('plateau', { metric: 'align/x' }), ref('fixed', { epoch: 2 })];
  expect(triggerName(ref('ramp', { trigger: ref('any-of', { triggers: both }), steps: 9 }))).toBe(
    'ramp(any-of(plateau(metric align/x), fixed(epoch 2)), steps 9)',
  );
  expect(triggerName(ref('x', { long: 'y'.repeat(99) }))).toHaveLength(72);
});
