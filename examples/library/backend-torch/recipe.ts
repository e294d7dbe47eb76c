import { torch } from '@hastejs/haste';

export const backend = torch({ device: 'cpu' });
