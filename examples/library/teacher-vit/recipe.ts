import { vit } from '@hastejs/haste';

export const teacher = vit({ weights: 'mae-base' }); // or a file: './mae_pretrain_vit_base.pth'
