import type { Student } from '@hastejs/plugin-api';
import { initParameters } from '../parameters.js';
import { type SitConfig, sitSpec } from './config.js';
import { sitEncode, sitForward } from './forward.js';
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
