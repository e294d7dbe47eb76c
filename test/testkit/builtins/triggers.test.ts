import { builtins, fixed, plateau } from '@hastejs/haste';
import { testBuiltins } from './test-builtins.js';

const metric = 'align/feature';
const plugins = builtins;
const slow = plateau({ metric, window: 20 });

testBuiltins(['trigger'], () => ({
  'trigger/fixed': [
    { options: { step: 7 }, stopsAt: 7 },
    { name: 'by epoch', options: { epoch: 2.5 }, stopsAt: 250 },
  ],
  'trigger/plateau': { options: { metric, window: 20 }, stopsAt: 319 },
  'trigger/gradient-angle': { options: { block: 0, patience: 2, every: 2, images: 8 }, plugins, stopsAt: 113 },
  'trigger/residual': { options: { fast: 10, slow: 60 }, stopsAt: 271 },
  'trigger/metric': { options: { metric, patience: 50 }, stopsAt: 280 },
  'trigger/after': { options: { step: 30, trigger: slow }, plugins, stopsAt: 316 },
  'trigger/at-most': { options: { step: 100, trigger: plateau({ metric, window: 400 }) }, plugins, stopsAt: 100 },
  'trigger/any-of': { options: { triggers: [fixed({ step: 300 }), slow] }, plugins, stopsAt: 300 },
  'trigger/all-of': { options: { triggers: [fixed({ step: 300 }), slow] }, plugins, stopsAt: 319 },
  'trigger/ramp': { options: { trigger: fixed({ step: 5 }), steps: 4 }, plugins, stopsAt: 9 },
}));
