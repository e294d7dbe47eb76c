import { blocks, dispersive } from '@hastejs/haste';

/** There is no teacher: the term names the student's blocks alone. */
export const term = { loss: dispersive(), layers: blocks({ blocks: [3] }), weight: 0.5 };
