import { featureFile } from '@hastejs/haste';

export const teacher = featureFile({ path: './features' });
