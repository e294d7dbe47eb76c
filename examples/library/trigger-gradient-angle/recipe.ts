import { gradientConflict } from '@hastejs/haste';

export const until = gradientConflict({ block: 4 });
