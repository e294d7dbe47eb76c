import { createHost } from '@hastejs/core';
import type { Plugin } from '@hastejs/plugin-api';
import { must } from '../contract/contract-fault.js';
import type { ContractCheck } from '../contract/contract.js';

/** What a package promises as a whole. */
export function pluginChecks(plugin: Plugin): ContractCheck[] {
  return [
    {
      name: 'is a plugin that Haste accepts',
      run: async () => {
        const host = await createHost({ plugins: [plugin] }).catch((error: Error) => {
          must(false, { what: error.message, where: 'definePlugin({ … })', fix: 'Mend what is named above.' });
        });
        await host!.close();
      },
    },
    {
      name: 'cannot be changed by who imports it',
      run: async () => {
        must(Object.isFrozen(plugin) && Object.isFrozen(plugin.extensions), {
          what: 'The plugin object can be written to.',
          where: 'default export',
          fix: 'Export what definePlugin({ … }) gives, and not a copy of it.',
        });
      },
    },
  ];
}
