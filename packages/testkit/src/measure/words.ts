/** `1 tensor`, `2 tensors` */
export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
