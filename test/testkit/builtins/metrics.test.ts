import { builtins, euler, fashionMnist } from '@hastejs/haste';
import { testBuiltins } from './test-builtins.js';

const plugins = builtins;
const every = 2;
/** Not a multiple of the batch size 4. */
const images = 10;

testBuiltins(['metric'], () => ({
  'metric/gradient-angle': { options: { every, images, by: ['block', 'time'] }, plugins },
  'metric/alignment': { options: { every, images }, plugins },
  'metric/cknna': { options: { every, images, neighbours: 3 }, plugins },
  'metric/linear-probe': { options: { every, images: 18 }, plugins },
  'metric/attention-distance': { options: { every, images }, plugins },
  'metric/effective-rank': { options: { every, images, of: 'tokens' }, plugins },
  'metric/frechet': {
    options: { every, samples: 12 },
    plugins,
    backend: 'backend/wasm',
    recipe: { data: fashionMnist({ source: 'shipped' }), sampling: { sampler: euler({ steps: 2 }) } },
    skip: {
      'costs nothing while nobody wants it':
        'its classifier is read when the run begins, so that a wrong file is told then',
    },
  },
}));
