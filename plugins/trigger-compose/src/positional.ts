import type { Extension, Inject, OptionsSchema, Ref } from '@hastejs/plugin-api';
import type { z } from 'zod';

/** An extension whose call reads as a sentence, `after(1000, plateau({ … }))`; in JSON and YAML its options have names. */
export function positional<A extends readonly unknown[], O extends OptionsSchema, I extends Inject>(
  extension: Extension<'trigger', O, I>,
  optionsOf: (...words: A) => z.input<O>,
): Pick<Extension<'trigger', O, I>, keyof Extension> & ((...words: A) => Ref<'trigger'>) {
  const { kind, id, summary, options, inject, create } = extension;
  const call = extension as unknown as (options: z.input<O>) => Ref<'trigger'>;
  const sentence = (...words: A): Ref<'trigger'> => call(optionsOf(...words));
  return Object.freeze(Object.assign(sentence, { kind, id, summary, options, inject, create }));
}
