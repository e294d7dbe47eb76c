import { definePlugin } from '@hastejs/plugin-api';
import { attentionDistance } from './attention-distance.js';
import { cknnaByLayer } from './cknna.js';
import { effectiveRankByLayer } from './effective-rank.js';
import { linearProbeByLayer } from './linear-probe.js';

export { attentionDistance } from './attention-distance.js';
export { cknnaByLayer } from './cknna.js';
export { effectiveRankByLayer } from './effective-rank.js';
export { linearProbeByLayer } from './linear-probe.js';

export default definePlugin({
  name: '@hastejs/metric-layers',
  version: '0.1.0',
  api: '^1.0.0',
  extensions: [cknnaByLayer, linearProbeByLayer, attentionDistance, effectiveRankByLayer],
});
