// Does not compile: options of somebody else's plugin are checked as our own are.
import { edges, patient } from '@acme/haste-edges';
import { pairs } from '@hastejs/haste';

export const misspelt = edges({ gian: 2 });
export const missing = patient({});
export const wrongKind: ReturnType<typeof edges> = pairs({ pairs: [[0, 'final']] });
