import { plateau } from '@hastejs/haste';

export const until = plateau({ metric: 'align/feature', window: 500, patience: 3 });
