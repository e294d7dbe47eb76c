import { attentionDistance, cknnaByLayer, effectiveRankByLayer, linearProbeByLayer } from '@hastejs/haste';

export const metrics = [cknnaByLayer(), linearProbeByLayer(), attentionDistance(), effectiveRankByLayer()];
