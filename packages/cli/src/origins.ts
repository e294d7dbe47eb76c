import type { LoadedPlugin } from '@hastejs/core';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, relative } from 'node:path';
import type { Engine } from './engine.js';

/** Where a plugin came from. */
export interface Origin {
  readonly origin: NonNullable<LoadedPlugin['origin']>;
  /** How it was named: a specifier, or its own name. */
  readonly source: string;
  /** The file that was imported, the folder of a built-in package, or null where a program gave it as an object. */
  readonly path: string | null;
}

/** Where plugins came from, for people: paths are seen from the working directory. */
export class Origins {
  constructor(
    private readonly locatePackage: Engine['locatePackage'],
    private readonly cwd: string,
    /** Where the recipe's imports start. */
    private readonly recipeDir: string,
  ) {}

  async of({ plugin, source, origin = 'program', file = null }: LoadedPlugin): Promise<Origin> {
    const path = file ?? (origin === 'recipe' ? await this.locatePackage(plugin.name, this.recipeDir) : null);
    return { origin, source, path: path ?? (origin === 'built in' ? builtinFolder(plugin.name) : null) };
  }

  /** `recipe: node_modules/@acme/teacher/index.js` */
  format({ origin, source, path }: Origin): string {
    // A script that the recipe bundles has no module of its own.
    const from = path === null ? (origin === 'recipe' ? `imported as ${source}` : null) : this.shorten(path);
    return from === null ? origin : `${origin}: ${from}`;
  }

  shorten(path: string): string {
    const near = relative(this.cwd, path);
    return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
  }
}

/** Built-in packages say where they are; what only pretends to be one has no folder. */
function builtinFolder(name: string): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}
