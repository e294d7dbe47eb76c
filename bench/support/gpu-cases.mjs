// The largest model of the paper, for machines that can train it. Batches are multiples of what the files hold.
import { DINO_B, TOY_TEACHER, sitWithDino, toy } from './recipes.mjs';

const xl = {
  measures: 'step',
  recipe: () => sitWithDino('SiT-XL/2', 2, { precision: 'bf16' }),
  teacher: DINO_B,
  photos: 256,
  quickWeights: true,
  threads: [8],
  peers: { bf16: {}, 'compile-bf16': { aim: 1 } },
  turn: 1,
  warmUp: 0,
  gib: 24,
};

const mini = { ...xl, recipe: () => toy({ precision: 'bf16' }), teacher: TOY_TEACHER, photos: 20, gib: 0.4 };

/** Not measured unless asked for: by name, or by `npm run bench -- gpu`. */
export const GPU_CASES = {
  'sit-xl2-align': { ...xl, what: 'phase I: SiT-XL/2 and DINOv2-B at 224, bf16', phase: 'aligning' },
  'sit-xl2-free': { ...xl, what: 'phase II of the same', phase: 'free' },
  'xl-mini-align': { ...mini, what: 'the same in miniature', phase: 'aligning' },
  'xl-mini-free': { ...mini, what: 'the same in miniature', phase: 'free' },
};
