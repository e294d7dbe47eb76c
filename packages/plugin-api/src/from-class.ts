import 'reflect-metadata';
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
 */
export function fromClass<T, O>(Class: new (options: O, ...services: never[]) => T): FromClass<T, O> {
  const services: Record<number, Token<unknown>> = Reflect.getOwnMetadata(KEY, Class) ?? {};
  const positions = Object.keys(services).map(Number);
  return {
    inject: Object.fromEntries(positions.map((position) => [`parameter${position}`, services[position]!])),
    create: (options, injected) => {
      const values: unknown[] = [];
      for (const position of positions) values[position - 1] = injected[`parameter${position}`];
      return new Class(options, ...(values as never[]));
    },
  };
}
