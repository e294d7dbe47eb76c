import { dino } from '@hastejs/haste';

export const teacher = dino({ weights: 'dinov2-base' }); // or a file: './dinov2_vitb14_pretrain.pth'
