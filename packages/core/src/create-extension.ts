import { HasteError, type Kind, type Kinds, type Notices, type Ref, isHasteError } from '@hastejs/plugin-api';
import type { CloseStack } from './close-stack.js';
import type { ServiceScope } from './container.js';
import { contractFaults } from './contract.js';
import { formatPath } from './faults.js';
import { aKind } from './kind-words.js';
import { reasonOf } from './reason.js';
import type { Registered, Registry } from './registry.js';
import { resolveRef } from './resolve-ref.js';

/** What creating an extension needs of the scope that it is created in. */
export interface Maker {
  readonly registry: Registry;
  readonly services: ServiceScope;
  readonly closes: CloseStack;
  readonly notices: Notices;
  /** Seconds after which a create that has not answered is named in a warning. */
  readonly patience: number;
}

/**
 * Creates an extension from a reference: options checked, services injected, the result held against the contract of its
 * kind, and put on the close stack if it can be closed.
 * @throws HasteError EXTENSION_UNKNOWN, EXTENSION_OPTIONS, SERVICE_UNKNOWN, EXTENSION_FAILED, or its own.
 */
export async function createExtension<K extends Kind>(maker: Maker, kind: K, input: unknown): Promise<Kinds[K]> {
  const { ref, registered } = resolved(maker, kind, input);
  const name = nameOf(ref, registered);
  const value = await watched(maker, name, callCreate(maker, name, ref, registered));
  const faults = contractFaults(kind, value);
  if (faults.length === 0) {
    await keep(maker.closes, name, value);
    return value;
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
  const contents = await watched(maker, name, guarded(name, 'fingerprint', telling));
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
    what: `What was given is not ${aKind(kind)}.`,
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
  return guarded(name, 'create', () => extension.create(ref.with as never, injected as never) as Promise<Kinds[K]>);
}

/** An extension's own error as one that names it. */
async function guarded<T>(name: string, member: 'create' | 'fingerprint', call: () => T | Promise<T>): Promise<T> {
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

/** One line about a create that keeps everybody waiting: it may be downloading, or hang. */
async function watched<T>({ notices, patience }: Maker, name: string, creating: Promise<T>): Promise<T> {
  const timer = setTimeout(() => notices.warn(`${name} is still being created after ${patience} s.`), patience * 1000);
  timer.unref();
  try {
    return await creating;
  } finally {
    clearTimeout(timer);
  }
}

/** A create that ends after its scope has closed is closed at once. */
async function keep(closes: CloseStack, name: string, value: object): Promise<void> {
  const { dispose, close } = value as { dispose?: unknown; close?: unknown };
  const end = typeof dispose === 'function' ? dispose : close;
  if (typeof end === 'function') closes.push(value, name, () => end.call(value) as unknown);
  if (!closes.closed) return;
  await closes.release(value);
  throw new HasteError('EXTENSION_FAILED', {
    what: `${name} was created after its run had closed, and was closed again.`,
    where: `${name}, create()`,
  });
}
