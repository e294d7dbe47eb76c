import { frechet, score } from '@hastejs/haste';

export const metrics = [frechet({ every: 2000 })];
/** Ends alignment when samples no longer come nearer to the test images. */
export const until = score({ metric: 'metric/frechet' });
