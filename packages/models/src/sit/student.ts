import { Services, type Student, defineStudent } from '@hastejs/plugin-api';
import { initParameters } from '../parameters.js';
import { type SitConfig, sitSpec } from './config.js';
import { sitEncode, sitForward } from './forward.js';
import { sitConfig, sitOptions } from './options.js';
import { SIT_FROZEN, sitParameters } from './parameters.js';

/** A student from its configuration, without a recipe. */
export function makeSit(config: SitConfig): Student {
  return {
    spec: sitSpec(config),
    frozen: SIT_FROZEN,
    repeatable: true,
    init: (rng) => initParameters(sitParameters(config), rng),
    forward: (params, input, taps) => sitForward(config, params, input, taps),
    encode: (params, input, taps) => sitEncode(config, params, input, taps),
  };
}

/** The class-conditional diffusion transformer of the paper; learns image shape and classes from the data. */
export const sit = defineStudent({
  id: 'student/sit',
  summary: 'Scalable Interpolant Transformer: class-conditional, adaLN-Zero, velocity prediction.',
  options: sitOptions,
  inject: { data: Services.data },
  create: (options, { data }) => makeSit(sitConfig(options, data)),
});
