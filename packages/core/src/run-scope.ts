import {
  type Files,
  type JsonObject,
  type Kind,
  type Kinds,
  type Notices,
  type Ref,
  Services,
  type Token,
} from '@hastejs/plugin-api';
import { CloseStack } from './close-stack.js';
import { ServiceScope } from './container.js';
import {
  type ExtensionIdentity,
  type Maker,
  createExtension,
  identifyExtension,
  resolveExtension,
} from './create-extension.js';
import { RunEvents } from './events.js';
import { deepFreeze, plainJson } from './plain-json.js';
import type { Recipe } from './recipe.js';
import { resolveFile } from './resolve-file.js';

/** One run: its services, events and extensions. Nothing in it is seen by another run. */
export interface RunScope {
  readonly recipe: Recipe;
  readonly events: RunEvents;
  readonly notices: Notices;
  readonly files: Files;
  /**
   * Makes a service known to the extensions created from now on.
   * @throws HasteError SERVICE_DUPLICATE
   */
  provide<T>(token: Token<T, 'run'>, value: T): void;
  /**
   * A reference with its options checked and every default filled in.
   * @throws HasteError EXTENSION_UNKNOWN, EXTENSION_OPTIONS
   */
  resolve<K extends Kind>(ref: Ref<K>): Ref<K>;
  /**
   * Creates an extension; what has `dispose()` or `close()` is closed with the run.
   * @throws HasteError EXTENSION_UNKNOWN, EXTENSION_OPTIONS, SERVICE_UNKNOWN, EXTENSION_FAILED, INTERRUPTED, or the extension's own.
   */
  create<K extends Exclude<Kind, 'backend'>>(ref: Ref<K>): Promise<Kinds[K]>;
  /**
   * What tells an extension's answers from those of others, without creating it: its plugin, and the contents of the files
   * that it names. `contents` is null for an extension that does not say.
   * @throws HasteError EXTENSION_UNKNOWN, EXTENSION_OPTIONS, SERVICE_UNKNOWN, EXTENSION_FAILED, or the extension's own.
   */
  identify(ref: Ref<Exclude<Kind, 'backend'>>): Promise<ExtensionIdentity>;
  /** Closes one created extension before the run ends, once, guarded or not; the run will not close it again. */
  release(extension: object): Promise<void>;
  onClose(close: () => void | Promise<void>): void;
  /** Closes everything, last in, first out. Failures become warnings; it never rejects. */
  close(): Promise<void>;
}

type Parent = Pick<Maker, 'registry' | 'notices' | 'patience' | 'timeLimit'> & {
  readonly services: ServiceScope<'process'>;
};

/**
 * @param baseDir where the recipe's relative paths start.
 * @param signal gives up waiting for what must be created before the first step.
 */
export function openRunScope(parent: Parent, recipe: Recipe, baseDir: string, signal?: AbortSignal): RunScope {
  const services = ServiceScope.run(parent.services);
  services.provide(Services.recipe, deepFreeze(plainJson(recipe)) as unknown as JsonObject);
  const files: Files = { resolve: (path) => resolveFile(parent.registry, baseDir, path) };
  services.provide(Services.files, files);
  const closes = new CloseStack((message) => parent.notices.warn(message));
  const maker: Maker = { ...parent, services, closes, signal };
  services.provide(Services.extensions, { create: (ref) => createExtension(maker, ref.kind, ref) });
  return {
    recipe,
    events: new RunEvents(parent.notices),
    notices: parent.notices,
    files,
    provide: (token, value) => services.provide(token, value),
    resolve: (ref) => resolveExtension(maker, ref),
    create: (ref) => createExtension(maker, ref.kind, ref),
    identify: (ref) => identifyExtension(maker, ref),
    release: (extension) => closes.release(extension),
    onClose: (close) => closes.push(close, 'What was to run at the end', close),
    close: () => closes.close(),
  };
}
