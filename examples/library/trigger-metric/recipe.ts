import { frechet, score } from '@hastejs/haste';

export const until = score({ metric: 'metric/frechet' });
