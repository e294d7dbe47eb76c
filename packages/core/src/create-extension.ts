import { HasteError, type Kind, type Kinds, type Notices, type Ref, isHasteError } from '@hastejs/plugin-api';
import type { CloseStack } from './close-stack.js';
import type { ServiceScope } from './container.js';
import { contractFaults } from './contract.js';
import { formatPath } from './faults.js';
import { guard } from './guard.js';
import { aKind } from './kind-words.js';
import { reasonOf } from './reason.js';
import type { Registered, Registry } from './registry.js';
import { resolveRef } from './resolve-ref.js';
import { type Call, type Waiting, awaitAnswer } from './waiting.js';

/** What creating an extension needs of the scope that it is created in. */
export interface Maker extends Waiting {
  readonly registry: Registry;
  readonly services: ServiceScope;
  readonly closes: CloseStack;
  readonly notices: Notices;
}

/**
 * Creates an extension from a reference: options checked, services injected, the result held against the contract of its
 * kind, and put on the close stack if it can be closed. What is given out is {@link guard}ed.
 * @throws HasteError EXTENSION_UNKNOWN, EXTENSION_OPTIONS, SERVICE_UNKNOWN, EXTENSION_FAILED, INTERRUPTED, or its own.
 */
export async function createExtension<K extends Kind>(maker: Maker, kind: K, input: unknown): Promise<Kinds[K]> {
  const { ref, registered } = resolved(maker, kind, input);
  const name = nameOf(ref, registered);
  const creating = callCreate(maker, name, ref, registered);
  const value = await awaitAnswer(maker, { name, member: 'create' }, creating, (late) => closeLate(maker, name, late));
  const faults = contractFaults(kind, value);
  if (faults.length === 0) {
    const guarded = guard(kind, name, value, maker);
    await keep(maker, name, guarded, value);
    return guarded;
  }
  throw new HasteError('EXTENSION_FAILED', {
    what: `${name} did not create ${aKind(kind)}: ${faults.join('; ')}.`,
    where: `${name}, create()`,
    fix: 'Report this to the author of the plugin.',
  });
}

export interface ExtensionIdentity {
  /** Name and version. */
  readonly plugin: string;
  /** What the extension's `fingerprint` says; null when it has none. */
  readonly contents: string | null;
}

/**
 * What an extension is, without creating it.
 * @throws HasteError as {@link createExtension}
 */
export async function identifyExtension(maker: Maker, input: Ref): Promise<ExtensionIdentity> {
  const { ref, registered } = resolved(maker, input.kind, input);
  const { extension, plugin } = registered;
  const name = nameOf(ref, registered);
  const injected = maker.services.services(extension.inject, name);
  const telling = async () => (await extension.fingerprint?.(ref.with as never, injected as never)) ?? null;
  const contents = await awaitAnswer(maker, { name, member: 'fingerprint' }, named(name, 'fingerprint', telling));
  return { plugin: `${plugin.name} ${plugin.version}`, contents };
}

/** @throws HasteError EXTENSION_UNKNOWN, EXTENSION_OPTIONS */
export function resolveExtension<K extends Kind>(maker: Pick<Maker, 'registry'>, input: Ref<K>): Ref<K> {
  return resolved(maker, input.kind, input).ref;
}

function resolved<K extends Kind>(
  { registry }: Pick<Maker, 'registry'>,
  kind: K,
  input: unknown,
): { readonly ref: Ref<K>; readonly registered: Registered<K> } {
  const found = resolveRef(registry, kind, input);
  if (!('faults' in found)) return found;
  throw new HasteError(found.unknown ? 'EXTENSION_UNKNOWN' : 'EXTENSION_OPTIONS', {
    what: found.id === undefined ? `What was given is not ${aKind(kind)}.` : `${found.id} does not take these options.`,
    where: found.faults.map(({ path, what }) => (path.length ? `${formatPath(path)}: ${what}` : what)).join('\n'),
    fix: '`haste plugins` lists every extension with its options.',
  });
}

const nameOf = (ref: Ref, { plugin }: Registered): string => `${ref.id} (${plugin.name} ${plugin.version})`;

async function callCreate<K extends Kind>(
  { services }: Maker,
  name: string,
  ref: Ref<K>,
  { extension }: Registered<K>,
): Promise<Kinds[K]> {
  const injected = services.services(extension.inject, name);
  return named(name, 'create', () => extension.create(ref.with as never, injected as never) as Promise<Kinds[K]>);
}

/** An extension's own error as one that names it. */
async function named<T>(name: string, member: 'create' | 'fingerprint', call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isHasteError(error)) throw error;
    const when = member === 'create' ? 'while it was created' : 'while it told what it depends on';
    throw new HasteError('EXTENSION_FAILED', {
      what: `${name} failed ${when}: ${reasonOf(error)}`,
      where: `${name}, ${member}()`,
      fix: 'Check its options and what they name; if they are right, report this to the author of the plugin.',
      cause: error,
    });
  }
}

/** A create that ends after its scope has closed is closed at once. */
async function keep(maker: Maker, name: string, guarded: object, value: object): Promise<void> {
  const { closes } = maker;
  const end = endOf(value);
  if (end) closes.push(guarded, name, () => ended(maker, { name, member: end.member }, end.call()));
  if (!closes.closed) return;
  await closes.release(guarded);
  throw new HasteError('EXTENSION_FAILED', {
    what: `${name} was created after its run had closed, and was closed again.`,
    where: `${name}, create()`,
  });
}

/** What was given up and came after all belongs to nobody. */
function closeLate(maker: Maker, name: string, value: unknown): void {
  const end = typeof value === 'object' && value !== null ? endOf(value) : null;
  if (!end) return;
  maker.closes.push(value as object, name, end.call);
  void maker.closes.release(value as object);
}

function endOf(value: object): { readonly member: string; call(): unknown } | null {
  const members = value as { readonly [member: string]: unknown };
  const member = ['dispose', 'close'].find((candidate) => typeof members[candidate] === 'function');
  return member === undefined ? null : { member, call: () => (members[member] as () => unknown).call(value) };
}

/** Nothing may keep a run that is over from ending. */
const ended = (waiting: Waiting, call: Call, answer: unknown): Promise<unknown> =>
  awaitAnswer(waiting, call, Promise.resolve(answer));
