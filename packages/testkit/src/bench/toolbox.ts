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

/** The plugins given and, of the tools, those that they do not define themselves. */
export function withToolbox(plugins: readonly Plugin[]): Plugin[] {
  const defined = new Set(plugins.flatMap(({ extensions }) => [...extensions].map(keyOf)));
  const extensions = TOOLS.filter((tool) => !defined.has(keyOf(tool)));
  return [...plugins, definePlugin({ ...OWN, name: '@hastejs/testkit', extensions })];
}

/** An extension that is tested without its package, as a plugin. */
export const asPlugin = (extension: AnyExtension): Plugin =>
  definePlugin({ ...OWN, name: 'under-test', extensions: [extension] });

const OWN = { version: '0.0.0', api: `^${PLUGIN_API_VERSION}` } as const;
