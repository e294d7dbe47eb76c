import { alignmentByLayer } from '@hastejs/haste';

export const metrics = [alignmentByLayer({ every: 500 })];
