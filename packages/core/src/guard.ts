import { HasteError, type Kind, type Kinds, isHasteError } from '@hastejs/plugin-api';
import { answerFault } from './answers.js';
import { MEMBERS, type Manner } from './members.js';
import { reasonOf } from './reason.js';
import { type Call, type Waiting, awaitAnswer } from './waiting.js';

type Method = (...args: unknown[]) => unknown;
type Members = Readonly<Record<string, unknown>>;

/** What stands behind each guard. */
const BEHIND = new WeakMap<object, object>();

/**
 * An extension whose calls say who they are: what one throws, rejects with, answers wrongly or never answers becomes an error
 * that names plugin, extension and call. Its own HasteErrors pass as they are.
 *
 * It inherits from the extension, so that it is an instance of its class and has members beyond the contract. A call costs
 * about a microsecond more.
 */
export function guard<K extends Kind>(kind: K, name: string, extension: Kinds[K], waiting: Waiting): Kinds[K] {
  const guarded = Object.create(extension) as Kinds[K];
  const members = extension as unknown as Members;
  for (const [member, manner] of Object.entries<Manner>(MEMBERS[kind])) {
    if (!(member in extension)) continue;
    const isMethod = manner !== 'data' && manner !== 'outside' && typeof members[member] === 'function';
    const call = { name, member };
    const property: PropertyDescriptor = isMethod
      ? { writable: true, value: (...args: unknown[]) => ask(kind, call, manner, members, args, waiting) }
      : // Read through the extension itself: a getter may need its private fields.
        { get: () => bound(members, member) };
    Object.defineProperty(guarded, member, { ...property, enumerable: true, configurable: true });
  }
  BEHIND.set(guarded, extension);
  return guarded;
}

/** The extension as its author made it: for tests of it that want to see what it does, and not what a run makes of that. */
export function unguarded<T extends object>(extension: T): T {
  return (BEHIND.get(extension) as T | undefined) ?? extension;
}

function bound(members: Members, member: string): unknown {
  const value = members[member];
  return typeof value === 'function' ? (value.bind(members) as unknown) : value;
}

function ask(kind: Kind, call: Call, manner: Manner, members: Members, args: unknown[], waiting: Waiting): unknown {
  let answer: unknown;
  try {
    answer = (members[call.member] as Method).apply(members, args);
  } catch (error) {
    throw failure(call, error);
  }
  const checked = <T>(given: T): T => {
    const fault = answerFault(kind, call.member, given, args, members);
    if (fault !== null) throw wrongAnswer(call, fault);
    return given;
  };
  if (!isPromise(answer)) return checked(answer);
  if (manner === 'now') {
    // Whatever becomes of it, it must not end the process as an unhandled rejection.
    answer.then(undefined, () => undefined);
    throw wrongAnswer(call, 'a promise, where the answer must be there at once');
  }
  const named = answer.then(undefined, (error: unknown) => {
    throw failure(call, error);
  });
  return awaitAnswer(waiting, call, named).then(checked);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}

/** What an extension threw, as an error that names it. Its own HasteErrors already say what people need to know. */
export function failure(call: Call, error: unknown): HasteError {
  if (isHasteError(error)) return error;
  return new HasteError('EXTENSION_FAILED', {
    what: `${call.name} failed in ${call.member}(): ${reasonOf(error)}`,
    where: `${call.name}, ${call.member}()`,
    fix: 'Report this to the author of the plugin.',
    cause: error,
  });
}

function wrongAnswer({ name, member }: Call, fault: string): HasteError {
  return new HasteError('EXTENSION_FAILED', {
    what: `${name} gave a wrong answer to ${member}(): ${fault}.`,
    where: `${name}, ${member}()`,
    fix: 'Report this to the author of the plugin.',
  });
}
