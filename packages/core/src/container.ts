// The only file that imports tsyringe. It keeps to the part of it that holds: values and per-container factories in two
// levels of containers. No class tokens (a parent's singleton first resolved in a child captures the child's services and
// dies with it), no global registrations, no disposal (its order cannot be relied on: see close-stack.ts), and no silent
// override (the last duplicate registration would win). Values are boxed, because tsyringe takes a bare null for "no value".
import 'reflect-metadata';
import { HasteError, type Inject, type Scope, type Token } from '@hastejs/plugin-api';
import { type DependencyContainer, instancePerContainerCachingFactory, container as root } from 'tsyringe';

interface Box<T> {
  readonly value: T;
}

const SELF = Symbol('the run scope that a container belongs to');

/** Tokens are equal by scope and key, not by identity: a plugin may carry its own copy of the plugin API. */
const keyOf = ({ scope, key }: Token<unknown>): string => `haste:${scope}:${key}`;

/** The services of one scope. A run sees its own and those of the process. */
export class ServiceScope<S extends Scope = Scope> {
  private readonly tokens = new Map<string, Token<unknown>>();

  private constructor(
    readonly scope: S,
    private readonly container: DependencyContainer,
    private readonly parent: ServiceScope<'process'> | null,
  ) {}

  static process(): ServiceScope<'process'> {
    return new ServiceScope('process', root.createChildContainer(), null);
  }

  static run(parent: ServiceScope<'process'>): ServiceScope<'run'> {
    const run = new ServiceScope('run', parent.container.createChildContainer(), parent);
    run.container.register<ServiceScope<'run'>>(SELF, { useValue: run });
    return run;
  }

  /** @throws HasteError SERVICE_DUPLICATE when the token already has a value in this scope. */
  provide<T>(token: Token<T, S>, value: T): void {
    this.claim(token);
    this.container.register<Box<T>>(keyOf(token), { useValue: { value } });
  }

  /** Declares a service of every run: made when a run first asks for it, once a run. */
  providePerRun<T>(this: ServiceScope<'process'>, token: Token<T, 'run'>, make: (run: ServiceScope<'run'>) => T): void {
    this.claim(token);
    const useFactory = instancePerContainerCachingFactory<Box<T>>((container) => ({
      value: make(container.resolve<ServiceScope<'run'>>(SELF)),
    }));
    this.container.register<Box<T>>(keyOf(token), { useFactory });
  }

  /**
   * @param asker who asks, for the error.
   * @throws HasteError SERVICE_UNKNOWN, with what this scope offers.
   */
  get<T>(token: Token<T>, asker: string): T {
    if (!this.offers(token)) throw this.unknown(token, asker);
    return this.container.resolve<Box<T>>(keyOf(token)).value;
  }

  /** The services an extension declared, by its own names for them. */
  services(inject: Inject, asker: string): Record<string, unknown> {
    return Object.fromEntries(Object.entries(inject).map(([name, token]) => [name, this.get(token, asker)]));
  }

  private offers(token: Token<unknown>): boolean {
    if (this.scope === 'process' && token.scope === 'run') return false;
    return this.container.isRegistered(keyOf(token), true);
  }

  private claim(token: Token<unknown>): void {
    const key = keyOf(token);
    if (this.tokens.has(key) || this.parent?.tokens.has(key)) {
      throw new HasteError('SERVICE_DUPLICATE', {
        what: `The service "${token.key}" is provided twice.`,
        where: `${this.scope} scope`,
        fix: 'Provide each service once a scope; for another value, use another token.',
      });
    }
    this.tokens.set(key, token);
  }

  private unknown(token: Token<unknown>, asker: string): HasteError {
    const all = [...(this.parent?.tokens.values() ?? []), ...this.tokens.values()];
    const offered = all.filter((candidate) => this.offers(candidate)).map(({ key }) => key);
    return new HasteError('SERVICE_UNKNOWN', {
      what: `${asker} asks for the service "${token.key}" (${token.scope} scope), which the ${this.scope} scope does not offer.`,
      where: asker,
      fix: `Inject one of those it offers at this point: ${offered.join(', ') || 'none'}.`,
    });
  }
}
