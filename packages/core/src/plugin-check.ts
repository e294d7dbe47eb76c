import {
  type AnyExtension,
  type Deprecation,
  type ErrorCode,
  KINDS,
  PLUGIN_API_VERSION,
  type Plugin,
  Services,
  type Token,
} from '@hastejs/plugin-api';
import { isAbsolute } from 'node:path';
import semver from 'semver';
import { describe } from './explain-issue.js';
import type { Fault } from './faults.js';
import { optionsFault } from './options-schema.js';

export interface PluginFault extends Fault {
  readonly code: Extract<ErrorCode, `PLUGIN_${string}`>;
}

type Loose<T> = { readonly [P in keyof T]?: unknown };

/**
 * Whether a value is a plugin that core can use. Only shapes are looked at, never identities: it may have been made by
 * another copy of the plugin API.
 * @param source the module specifier it came from, or its place among the plugins given.
 */
export function checkPlugin(candidate: unknown, source: string): PluginFault[] {
  if (typeof candidate !== 'object' || candidate === null) {
    const what = `expected a plugin, got ${describe(candidate)}; export default definePlugin({ name, version, api, extensions })`;
    return [{ code: 'PLUGIN_INVALID', where: source, what }];
  }
  const { name, version, api, extensions, assets } = candidate as Loose<Plugin>;
  const where = isText(name) ? name : source;
  const invalid = (what: string): PluginFault => ({ code: 'PLUGIN_INVALID', where, what });
  const own = [
    ...unless(isText(name), `name: expected the npm package name, got ${describe(name)}`),
    ...unless(isVersion(version), `version: expected a version such as "1.2.3", got ${describe(version)}`),
    ...unless(isRange(api), `api: expected a semver range such as "^${PLUGIN_API_VERSION}", got ${describe(api)}`),
    ...unless(isAssets(assets), `assets: expected absolute paths by name, got ${describe(assets)}`),
    ...unless(Array.isArray(extensions), `extensions: expected a list, got ${describe(extensions)}`),
  ].map(invalid);
  // Extensions for another API may be of kinds or shapes that are unknown here: no more to say about them.
  if (isRange(api) && !semver.satisfies(PLUGIN_API_VERSION, api, { includePrerelease: true })) {
    return [...own, incompatible(where, api)];
  }
  const listed: unknown[] = Array.isArray(extensions) ? extensions : [];
  return [...own, ...listed.flatMap((extension, index) => checkExtension(extension, index, where))];
}

function incompatible(where: string, api: string): PluginFault {
  const what = `is written for plugin API ${api}, and this is ${PLUGIN_API_VERSION}; install a version of the plugin for ${PLUGIN_API_VERSION}, or the Haste it was written for`;
  return { code: 'PLUGIN_INCOMPATIBLE', where, what };
}

function checkExtension(candidate: unknown, index: number, plugin: string): PluginFault[] {
  const callable = typeof candidate === 'function' || (typeof candidate === 'object' && candidate !== null);
  const { kind, id, summary, options, inject, create, deprecated } = (callable ? candidate : {}) as Loose<AnyExtension>;
  const where = `${plugin}, ${typeof id === 'string' ? id : `extensions.${index}`}`;
  if (!callable || !KINDS.includes(kind as never)) {
    const got = callable ? `kind ${describe(kind)}` : describe(candidate);
    const what = `expected what a define<Kind>({ … }) helper makes (${KINDS.join(', ')}), got ${got}`;
    return [{ code: 'PLUGIN_INVALID', where, what }];
  }
  const optionsWrong = optionsFault(options);
  const whats = [
    ...unless(isId(id), `id: expected "<prefix>/<name>" in lower case, got ${describe(id)}`),
    ...unless(isText(summary), 'summary: expected one sentence for people'),
    ...(optionsWrong === null ? [] : [optionsWrong]),
    ...checkInject(inject, kind === 'backend'),
    ...unless(isDeprecation(deprecated), `deprecated: expected { since, use }, got ${describe(deprecated)}`),
    ...unless(typeof create === 'function', `create: expected a function, got ${describe(create)}`),
  ];
  return whats.map((what) => ({ code: 'PLUGIN_INVALID', where, what }));
}

/** Tokens must be tokens; a backend lives as long as the process and can have nothing of a run. */
function checkInject(inject: unknown, process: boolean): string[] {
  if (typeof inject !== 'object' || inject === null)
    return [`inject: expected services by name, got ${describe(inject)}`];
  return Object.entries(inject).flatMap(([name, candidate]) => {
    const { key, scope } = (candidate ?? {}) as Loose<Token<unknown>>;
    if (typeof key !== 'string' || (scope !== 'process' && scope !== 'run')) {
      return [`inject.${name}: expected a token such as Services.rng, got ${describe(candidate)}`];
    }
    const known = Object.values<Token<unknown>>(Services).find((service) => service.key === key);
    if (known && known.scope !== scope) {
      return [`inject.${name}: the service "${key}" belongs to the ${known.scope} scope, not to the ${scope} scope`];
    }
    if (process && scope === 'run') {
      return [`inject.${name}: a backend is created once a process and cannot have "${key}", which belongs to a run`];
    }
    return [];
  });
}

const unless = (holds: boolean, what: string): string[] => (holds ? [] : [what]);
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
/** Absent, or what people are told: since when, and what to use instead. */
const isDeprecation = (mark: unknown): boolean =>
  mark === undefined ||
  (typeof mark === 'object' &&
    mark !== null &&
    isVersion((mark as Loose<Deprecation>).since) &&
    isText((mark as Loose<Deprecation>).use));
const isVersion = (version: unknown): boolean => typeof version === 'string' && semver.valid(version) !== null;
const isAssets = (assets: unknown): boolean =>
  assets === undefined ||
  (typeof assets === 'object' &&
    assets !== null &&
    Object.values(assets).every((path) => typeof path === 'string' && isAbsolute(path)));
const isRange = (range: unknown): range is string =>
  typeof range === 'string' && range !== '' && semver.validRange(range) !== null;
const isId = (id: unknown): boolean => typeof id === 'string' && /^[a-z0-9-]+\/[a-z0-9][a-z0-9._-]*$/.test(id);
