import { after, allOf, anyOf, atMost, fixed, plateau, ramp } from '@hastejs/haste';

const stalled = plateau({ metric: 'align/feature' });
/** Not in the first 10,000 steps, at the latest after 200,000. */
export const until = after(10_000, atMost(200_000, stalled));
/** When either says so, faded out over 2,000 steps. */
export const fading = ramp(anyOf(stalled, fixed({ step: 100_000 })), { steps: 2000 });
/** When both have said so. */
export const cautious = allOf(stalled, fixed({ step: 50_000 }));
