// A case as a run of the framework: created through the host, with the trainer's own parts.
import { createHost } from '@hastejs/core';
import { Loader } from '@hastejs/data';
import { builtins } from '@hastejs/haste';
import { Services } from '@hastejs/plugin-api';
import { rng as makeRng } from '@hastejs/tensor';
import { assemble, assembleAlignment, begin } from '@hastejs/trainer';
import { madeUpPlugin } from './made-up.mjs';

/**
 * A host that knows the made-up data, with one of its backends chosen.
 * @param options of the backend; those that it does not have are left out.
 */
export async function openHost(backend, options) {
  const host = await createHost({ plugins: [...builtins, madeUpPlugin] });
  const selected = await host.selectBackend(backendRef(host, backend, options));
  return { host, backend: selected };
}

function backendRef({ registry }, name, options) {
  const id = `backend/${name}`;
  const found = registry.ofKind('backend').find(({ extension }) => extension.id === id);
  if (!found) throw new Error(`There is no backend '${name}'.`);
  const known = Object.entries(options).filter(([key]) => key in found.extension.options.shape);
  return { kind: 'backend', id, with: Object.fromEntries(known) };
}

/**
 * Everything of a run before its first step.
 * @param folder where the recipe's paths start.
 * @param fresh what fresh weights are drawn from, unless it is the recipe's seed.
 */
export async function openCase({ host }, { recipe: input, photos }, folder, fresh) {
  const recipe = host.resolve(await input());
  const run = host.openRun(recipe, folder);
  const parts = await assemble(run, recipe);
  const seeing = photos ? photoScope(host, recipe, folder, parts, photos) : run;
  const alignment = await assembleAlignment(seeing, recipe, parts);
  const rng = makeRng(recipe.seed);
  const { weights } = begin(parts.student, parts.optimizer, alignment, parts.trigger, fresh ?? rng);
  const loader = new Loader(parts.dataset, recipe.batchSize, rng);
  return { recipe, ...parts, alignment, rng, loader, weights };
}

/** Latents are what the student sees; the teacher is created for the photos that they were made of. */
function photoScope(host, recipe, folder, { dataset, student }, side) {
  const run = host.openRun(recipe, folder);
  run.provide(Services.data, { ...dataset.spec, image: { channels: 3, height: side, width: side } });
  run.provide(Services.student, student.spec);
  return run;
}
