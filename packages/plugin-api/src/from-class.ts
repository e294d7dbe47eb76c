import 'reflect-metadata';
import { HasteError } from './errors.js';
import type { Token } from './tokens.js';

const KEY = 'haste:inject';

/** Marks a constructor parameter for injection: `constructor(options: Options, @inject(Services.rng) rng: Rng)`. */
export function inject(service: Token<unknown>): ParameterDecorator {
  return (target, _property, index) => {
    const services: Record<number, Token<unknown>> = Reflect.getOwnMetadata(KEY, target) ?? {};
    Reflect.defineMetadata(KEY, { ...services, [index]: service }, target);
  };
}

interface FromClass<T, O> {
  readonly inject: Readonly<Record<string, Token<unknown>>>;
  create(options: O, services: Readonly<Record<string, unknown>>): T;
}

/**
 * For authors who like classes: `defineTeacher({ id, summary, options, ...fromClass(MyTeacher) })`. The first constructor
 * parameter receives the options; every other one is marked with {@link inject}.
 * @throws HasteError PLUGIN_INVALID when a parameter is not marked, or the first one is.
 */
export function fromClass<T, O>(Class: new (options: O, ...services: never[]) => T): FromClass<T, O> {
  const services: Record<number, Token<unknown>> = Reflect.getOwnMetadata(KEY, Class) ?? {};
  const positions = Object.keys(services).map(Number);
  checkMarks(Class, positions);
  return {
    inject: Object.fromEntries(positions.map((position) => [`parameter${position}`, services[position]!])),
    create: (options, injected) => {
      const values: unknown[] = [];
      for (const position of positions) values[position - 1] = injected[`parameter${position}`];
      return new Class(options, ...(values as never[]));
    },
  };
}

function checkMarks(Class: { readonly name: string; readonly length: number }, positions: readonly number[]): void {
  const invalid = (what: string, fix: string) => new HasteError('PLUGIN_INVALID', { what, where: Class.name, fix });
  if (positions.includes(0)) {
    const what = `${Class.name} marks its first parameter for injection, which receives the options.`;
    throw invalid(what, 'Take the options first, then services.');
  }
  // `length` counts up to the first parameter with a default.
  for (let position = 1; position < Class.length; position++) {
    if (positions.includes(position)) continue;
    const what = `${Class.name} does not say what its constructor's parameter ${position} (counting from 0) is.`;
    throw invalid(what, 'Mark it with @inject(token).');
  }
}
