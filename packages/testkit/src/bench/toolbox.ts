import { cpuBackend } from '@hastejs/backend-cpu';
import { euler, eulerMaruyama, heun } from '@hastejs/diffusion';
import { sit } from '@hastejs/models';
import { type AnyExtension, PLUGIN_API_VERSION, type Plugin, definePlugin } from '@hastejs/plugin-api';
import { adamw, jsonl } from '@hastejs/trainer';
import { fakeLayers, fakeLoss, fakeTrigger } from '../fakes/fake-alignment.js';
import { fakeData } from '../fakes/fake-data.js';
import { fakeStudent } from '../fakes/fake-student.js';
import { fakeTeacher } from '../fakes/fake-teacher.js';

/** What a recipe names by default, and fakes for the rest: enough for a whole run. */
const TOOLS: readonly AnyExtension[] = [
  ...[fakeData, fakeStudent, fakeTeacher, fakeLoss, fakeLayers, fakeTrigger],
  ...[sit, adamw, jsonl, euler, heun, eulerMaruyama, cpuBackend],
];

const keyOf = ({ kind, id }: AnyExtension): string => `${kind} ${id}`;

/**
 * The plugins given, and tools for what a run needs besides. Where two define the same extension, the first is kept: what is
 * under test stands first, and may come again with its package.
 */
export function withToolbox(plugins: readonly Plugin[]): Plugin[] {
  const defined = new Set<string>();
  const toolbox = definePlugin({ ...OWN, name: '@hastejs/testkit', extensions: TOOLS });
  return [...plugins, toolbox].flatMap((plugin) => {
    const extensions = plugin.extensions.filter((extension) => !defined.has(keyOf(extension)));
    for (const extension of extensions) defined.add(keyOf(extension));
    if (extensions.length === plugin.extensions.length) return [plugin];
    return extensions.length === 0 && !plugin.assets ? [] : [definePlugin({ ...plugin, extensions })];
  });
}

/** An extension that is tested without its package, as a plugin. */
export const asPlugin = (extension: AnyExtension): Plugin =>
  definePlugin({ ...OWN, name: 'under-test', extensions: [extension] });

const OWN = { version: '0.0.0', api: `^${PLUGIN_API_VERSION}` } as const;
