import { residual } from '@hastejs/haste';

export const until = residual({ metric: 'align/feature' });
