import type { Kind, Kinds } from '@hastejs/plugin-api';

/**
 * What a member of an extension is to its caller. `now`: a function that must answer at once; `later`: one that may answer
 * with a promise; `outside`: one that runs code of its caller's, whose errors are not the extension's; `data`: anything else.
 */
export type Manner = 'now' | 'later' | 'outside' | 'data';

type KeyOfUnion<T> = T extends unknown ? keyof T : never;

/** Every member of every contract. The type makes sure that none is forgotten. */
export const MEMBERS: { readonly [K in Kind]: { readonly [M in KeyOfUnion<Kinds[K]>]: Manner } } = {
  teacher: { spec: 'data', needs: 'data', repeatable: 'data', encode: 'now', fetch: 'later', dispose: 'later' },
  alignmentLoss: {
    reads: 'data',
    repeatable: 'data',
    couplesSamples: 'data',
    init: 'now',
    loss: 'now',
    project: 'now',
    target: 'now',
    perToken: 'now',
    guides: 'now',
  },
  targetLayers: { grids: 'data', select: 'now', blocks: 'now' },
  trigger: { watches: 'data', measures: 'data', init: 'now', decide: 'now' },
  metric: { names: 'data', every: 'data', needsAlignment: 'data', measure: 'later' },
  student: { spec: 'data', frozen: 'data', repeatable: 'data', init: 'now', forward: 'now', encode: 'now' },
  dataset: { spec: 'data', read: 'later', readItems: 'later', dispose: 'later' },
  sampler: { sample: 'later' },
  optimizer: { repeatable: 'data', init: 'now', update: 'now' },
  logger: { start: 'later', scalars: 'later', close: 'later' },
  backend: {
    name: 'data',
    rank: 'data',
    precisions: 'data',
    probe: 'later',
    details: 'later',
    activate: 'later',
    compute: 'outside',
    record: 'outside',
    trim: 'now',
  },
};
