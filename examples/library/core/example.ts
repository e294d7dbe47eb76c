import { createHost, recipeJsonSchema } from '@hastejs/core';

const notices = { info: console.log, warn: console.warn };
const host = await createHost({ plugins: ['@hastejs/trigger-fixed', '@hastejs/layers'], notices });
for (const { extension, plugin } of host.registry.extensions) {
  console.log(`${extension.kind} ${extension.id}: ${extension.summary} (${plugin.name})`);
}
// What editors check recipes with; every extension that is loaded is in it, with its options.
console.log(JSON.stringify(recipeJsonSchema(host.registry)).includes('trigger/fixed'));
await host.close();
