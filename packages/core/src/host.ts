import { type Backend, type Notices, type Plugin, type Ref, Services } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { Backends, type FoundBackend } from './backends.js';
import { CloseStack } from './close-stack.js';
import { ServiceScope } from './container.js';
import type { Maker } from './create-extension.js';
import { deprecationTeller } from './deprecations.js';
import { type LoadOptions, loadPlugins } from './load-plugins.js';
import type { Recipe, RecipeInput } from './recipe.js';
import type { PluginOrigin, RefusedPlugin, Registry } from './registry.js';
import { resolveRecipe } from './resolve-recipe.js';
import { type RunScope, openRunScope } from './run-scope.js';

export interface HostOptions {
  /** Plugins, or the specifiers of modules whose default export is one. */
  readonly plugins: readonly (Plugin | string)[];
  /** Where relative specifiers start and packages are looked for first; default the working directory. */
  readonly baseDir?: string;
  /** Who brings the plugins; default: the program that calls. */
  readonly origin?: PluginOrigin;
  /** Receives plugins that are refused, and the host has the others. Absent: one that is refused refuses all. */
  readonly refused?: (plugin: RefusedPlugin) => void;
  /** Default: warnings on stderr. */
  readonly notices?: Notices;
  /** Seconds after which a plugin or extension that has not answered a call is named in a warning; default 60. */
  readonly patience?: number;
  /**
   * Seconds after which one that has not answered is given up. Default: an hour, 5 minutes for `dispose` and `close`, and
   * without end for `measure` and `sample`, whose work grows with the model.
   */
  readonly timeLimit?: number;
}

/** A process's plugins and backends. Several hosts, and several runs of one, do not see each other. */
export interface Host {
  readonly registry: Registry;
  /** A host with more plugins, which shares backends and services with this one. */
  withPlugins(more: readonly (Plugin | string)[], baseDir?: string, how?: LoadOptions): Promise<Host>;
  /** The backends of all plugins and what a look at this machine found, best first. */
  backends(): Promise<FoundBackend[]>;
  /**
   * Chooses a backend and makes it TensorFlow.js' current one.
   * @param wanted a reference, an id, or a name such as `wasm`; absent: the best available.
   * @throws HasteError BACKEND_UNAVAILABLE with what was found and how to get each.
   */
  selectBackend(wanted?: Ref<'backend'> | string): Promise<Backend>;
  /**
   * Checks a recipe and fills in every default. What in it is deprecated is told once, with what to use instead.
   * @throws HasteError RECIPE_INVALID with every fault and its path.
   */
  resolve(input: RecipeInput): Recipe;
  /**
   * @param baseDir where the recipe's relative paths start.
   * @param signal gives up waiting for extensions that are being created when it fires.
   */
  openRun(recipe: Recipe, baseDir: string, signal?: AbortSignal): RunScope;
  /** Closes the backends, for this host and for those that share them. */
  close(): Promise<void>;
}

/**
 * Loads and checks plugins.
 * @throws HasteError PLUGIN_UNREADABLE, PLUGIN_INVALID, PLUGIN_INCOMPATIBLE or PLUGIN_DUPLICATE, with every fault of every plugin.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const { plugins, baseDir = process.cwd(), notices = onStderr, patience = 60, timeLimit } = options;
  const waiting = { notices, patience, timeLimit };
  const { origin, refused } = options;
  const registry = await loadPlugins([], plugins, baseDir, waiting, {
    ...(origin && { origin }),
    ...(refused && { refused }),
  });
  const services = ServiceScope.process();
  services.provide(Services.notices, notices);
  services.providePerRun(Services.rng, (run) => rng(run.get(Services.recipe, 'rng')['seed'] as number));
  const backends = new Backends();
  services.providePerRun(Services.backend, () => backends.selected ?? NO_BACKEND);
  const closes = new CloseStack((message) => notices.warn(message));
  const tellDeprecations = deprecationTeller(notices);
  return hostOf({ registry, services, closes, ...waiting, tellDeprecations }, backends, baseDir);
}

type ProcessMaker = Maker & {
  readonly services: ServiceScope<'process'>;
  readonly tellDeprecations: ReturnType<typeof deprecationTeller>;
};

function hostOf(maker: ProcessMaker, backends: Backends, baseDir: string): Host {
  const { registry, closes, tellDeprecations } = maker;
  return {
    registry,
    withPlugins: async (more, from = baseDir, how = {}) =>
      hostOf({ ...maker, registry: await loadPlugins(registry.plugins, more, from, maker, how) }, backends, from),
    backends: () => backends.find(maker),
    selectBackend: (wanted) => backends.select(maker, wanted),
    resolve: (input) => {
      const recipe = resolveRecipe(registry, input);
      tellDeprecations(registry, recipe);
      return recipe;
    },
    openRun: (recipe, from, signal) => openRunScope(maker, recipe, from, signal),
    close: () => closes.close(),
  };
}

/** What extensions see that are created before a backend is chosen: TensorFlow.js as it is, in float32. */
const NO_BACKEND = { name: 'none' } as const;

const onStderr: Notices = {
  info: () => undefined,
  warn: (message) => void process.stderr.write(`haste: ${message}\n`),
};
