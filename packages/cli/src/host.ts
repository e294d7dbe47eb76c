import type { Host, RefusedPlugin } from '@hastejs/core';
import { HasteError, type Plugin } from '@hastejs/plugin-api';
import type { Context } from './context.js';
import { projectPlugins } from './project-plugins.js';

interface Wanted {
  /** Those that a recipe brings. They are loaded before those of the project, and stand in for one of the same name there. */
  readonly plugins?: readonly (Plugin | string)[];
  /** Where the recipe's plugins are looked for; default the working directory. */
  readonly baseDir?: string;
  /** Receives plugins that are refused; the others are loaded. Absent: one that is refused ends the command. */
  readonly refused?: (plugin: RefusedPlugin) => void;
}

/**
 * Gives a command a host with the built-in plugins, those of the recipe, and those of the project in the working directory if
 * it opts in, and closes it afterwards, whatever happens.
 */
export async function withHost<T>(context: Context, wanted: Wanted, use: (host: Host) => Promise<T>): Promise<T> {
  const { createHost, builtins } = await context.engine();
  const { output, io } = context;
  const { plugins = [], baseDir = io.cwd, refused } = wanted;
  const tolerance = refused && { refused };
  const builtin = await createHost({
    plugins: builtins,
    origin: 'built in',
    baseDir: io.cwd,
    notices: {
      info: (message) => output.notice('info', message),
      warn: (message) => output.notice('warning', message),
    },
    ...seconds('patience', 'HASTE_PATIENCE', io.env),
    ...seconds('timeLimit', 'HASTE_TIME_LIMIT', io.env),
  });
  try {
    const recipe = { ...tolerance, origin: 'recipe' } as const;
    const near = plugins.length > 0 ? await builtin.withPlugins(plugins, baseDir, recipe) : builtin;
    return await use(await withProject(near, io.cwd, tolerance));
  } finally {
    await builtin.close();
  }
}

async function withProject(host: Host, cwd: string, tolerance: Pick<Wanted, 'refused'> | undefined): Promise<Host> {
  const { optedIn, packages } = await projectPlugins(cwd);
  if (!optedIn || packages.length === 0) return host;
  const specifiers = packages.map(({ specifier }) => specifier);
  return host.withPlugins(specifiers, cwd, { ...tolerance, origin: 'project', unlessLoaded: true });
}

/** @throws HasteError USAGE for what is no number of seconds. */
function seconds<N extends string>(
  name: N,
  variable: string,
  env: Context['io']['env'],
): { readonly [K in N]?: number } {
  const text = env[variable];
  if (text === undefined || text === '') return {};
  const value = Number(text);
  if (value > 0) return { [name]: value } as { readonly [K in N]: number };
  throw new HasteError('USAGE', {
    what: `${variable} is "${text}", which is no number of seconds.`,
    where: 'environment',
    fix: `Give a number above 0, such as ${variable}=600, or unset it.`,
  });
}
