import { gradientAngle } from '@hastejs/haste';

export const metrics = [gradientAngle({ blocks: [4], every: 200 })];
