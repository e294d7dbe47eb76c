import { cpu } from '@hastejs/haste';

export const backend = cpu();
