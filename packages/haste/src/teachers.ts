import { dino } from '@hastejs/teacher-dino';
import { SHIPPED_TEACHER } from './shipped.js';

type DinoOptions = Parameters<typeof dino>[0];

/**
 * A vision transformer trained on Fashion-MNIST by `examples/fashion-mnist-teacher`, small enough to be shipped: what the
 * quickstart aligns to. Its provenance lies beside the weights.
 */
export function fashionMnistTeacher(options: Omit<DinoOptions, 'weights'> = {}): ReturnType<typeof dino> {
  return dino({ weights: `haste:${SHIPPED_TEACHER}`, ...options });
}
