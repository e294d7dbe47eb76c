import { blocks, pairs, published, relative } from '@hastejs/haste';

/** Student block 7 learns from the teacher's last tokens. Blocks count from 0. */
export const layers = pairs({ pairs: [[7, 'final']] });
/** The same at any depth: two thirds into the student, at the end of the teacher. */
export const anyDepth = relative({ pairs: [[0.66, 1]] });
/** As the paper does it for the student's size. */
export const asPublished = published({ reads: 'attention' });
/** For a loss that looks at the student alone. */
export const alone = blocks({ blocks: [3] });
