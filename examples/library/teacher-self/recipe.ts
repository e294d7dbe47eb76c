import { featureAlignment, pairs, selfTeacher } from '@hastejs/haste';

export const teacher = selfTeacher({ timeGap: 0.2 });
/** Block 3 learns from block 7 of the moving average. */
export const term = { loss: featureAlignment(), layers: pairs({ pairs: [[3, 7]] }), weight: 0.2 };
