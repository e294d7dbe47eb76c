import { fixed } from '@hastejs/haste';

export const until = fixed({ step: 100_000 }); // or epochs, or images
