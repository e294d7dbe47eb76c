import { frechet } from '@hastejs/haste';

export const metrics = [frechet({ every: 2000, samples: 500 })];
