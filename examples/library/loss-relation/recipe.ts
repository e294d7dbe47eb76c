import { pairs, relationAlignment } from '@hastejs/haste';

export const term = { loss: relationAlignment(), layers: pairs({ pairs: [[7, 'final']] }), weight: 0.5 };
