import type { Host } from '@hastejs/core';
import type { Plugin } from '@hastejs/plugin-api';
import type { Context } from './context.js';
import { projectPlugins } from './project-plugins.js';

interface Wanted {
  /** Beyond the built-in ones and those of the project. */
  readonly plugins?: readonly (Plugin | string)[];
  /** Where plugins are looked for; default the working directory. */
  readonly baseDir?: string;
  /** Whether the plugins of the project in the working directory come too; default yes. */
  readonly project?: boolean;
}

/**
 * Gives a command a host with the built-in plugins, those of the project, and the ones named, and closes it afterwards,
 * whatever happens.
 */
export async function withHost<T>(context: Context, wanted: Wanted, use: (host: Host) => Promise<T>): Promise<T> {
  const { createHost, builtins } = await context.engine();
  const { output, io } = context;
  const { plugins = [], baseDir = io.cwd, project = true } = wanted;
  const builtin = await createHost({
    plugins: builtins,
    baseDir: io.cwd,
    notices: {
      info: (message) => output.notice('info', message),
      warn: (message) => output.notice('warning', message),
    },
  });
  try {
    const ofProject = project ? await projectPlugins(io.cwd) : [];
    const near = ofProject.length > 0 ? await builtin.withPlugins(ofProject, io.cwd) : builtin;
    return await use(plugins.length > 0 ? await near.withPlugins(plugins, baseDir) : near);
  } finally {
    await builtin.close();
  }
}
