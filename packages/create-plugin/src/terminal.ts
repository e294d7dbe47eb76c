import { cancel, select, text } from '@clack/prompts';
import type { Readable, Writable } from 'node:stream';
import type { Prompts } from './ask.js';
import { Cancelled } from './create-error.js';

/** Asks on a terminal, with arrow keys. */
export function terminalPrompts(input: Readable, output: Writable): Prompts {
  const answered = <T>(answer: T | symbol): T => {
    if (typeof answer !== 'symbol') return answer as T;
    cancel('Nothing was written.', { output });
    throw new Cancelled('A question was cancelled.');
  };
  return {
    select: async (message, choices) => {
      // By index: the choices of the library are primitives or need a label of their own.
      const options = choices.map(({ label, hint }, value) => ({ value, label, ...(hint !== undefined && { hint }) }));
      const index = answered<number>(await select({ message, options, input, output }));
      return choices[index]!.value;
    },
    text: async (message, byDefault, check = () => undefined) => {
      const validate = (answer: string | undefined) => sentence(answer ? check(answer) : undefined);
      const given = { message, placeholder: byDefault, defaultValue: byDefault, validate, input, output };
      return answered<string>(await text(given));
    },
  };
}

const sentence = (fault: string | undefined): string | undefined =>
  fault && `${fault[0]!.toUpperCase()}${fault.slice(1)}.`;
