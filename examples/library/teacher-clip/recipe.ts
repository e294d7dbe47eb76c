import { clip } from '@hastejs/haste';

export const teacher = clip({ weights: 'clip-vit-b-16' }); // or a file: './ViT-B-16.pt'
