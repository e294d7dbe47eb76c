import type { Kind } from '@hastejs/plugin-api';

/** Kinds as they are spoken of. */
export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  teacher: 'teacher',
  alignmentLoss: 'alignment loss',
  targetLayers: 'choice of target layers',
  trigger: 'trigger',
  metric: 'metric',
  student: 'student',
  dataset: 'data set',
  sampler: 'sampler',
  optimizer: 'optimizer',
  logger: 'logger',
  backend: 'backend',
};

/** `an optimizer`, `a teacher` */
export function aKind(kind: Kind): string {
  const word = KIND_WORDS[kind];
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
