import backendCpu from '@hastejs/backend-cpu';
import backendTensorflow from '@hastejs/backend-tensorflow';
import backendTorch from '@hastejs/backend-torch';
import backendWasm from '@hastejs/backend-wasm';
import { fashionMnist, imageFolder } from '@hastejs/data';
import { euler, eulerMaruyama, heun } from '@hastejs/diffusion';
import layers from '@hastejs/layers';
import lossAttention from '@hastejs/loss-attention';
import lossCompose from '@hastejs/loss-compose';
import lossDispersive from '@hastejs/loss-dispersive';
import lossFeature from '@hastejs/loss-feature';
import lossRelation from '@hastejs/loss-relation';
import metricAlignment from '@hastejs/metric-alignment';
import metricFrechet from '@hastejs/metric-frechet';
import gradientAngle from '@hastejs/metric-gradient-angle';
import metricLayers from '@hastejs/metric-layers';
import { sit } from '@hastejs/models';
import { type AnyExtension, type Plugin, definePlugin } from '@hastejs/plugin-api';
import teacherClip from '@hastejs/teacher-clip';
import teacherDino from '@hastejs/teacher-dino';
import teacherFeatures from '@hastejs/teacher-features';
import teacherSelf from '@hastejs/teacher-self';
import teacherVit from '@hastejs/teacher-vit';
import { adamw, jsonl } from '@hastejs/trainer';
import triggerCompose from '@hastejs/trigger-compose';
import triggerFixed from '@hastejs/trigger-fixed';
import triggerGradientAngle from '@hastejs/trigger-gradient-angle';
import triggerMetric from '@hastejs/trigger-metric';
import triggerPlateau from '@hastejs/trigger-plateau';
import triggerResidual from '@hastejs/trigger-residual';
import { shipped } from './shipped.js';

/** Extensions that live in the framework's own packages come as plugins too: there is one way in. */
const own = (name: string, ...extensions: AnyExtension[]): Plugin =>
  definePlugin({ name, version: '0.1.0', api: '^1.0.0', extensions });

/** Every plugin that a host of the command line starts with. */
export const builtins: readonly Plugin[] = Object.freeze([
  own('@hastejs/models', sit),
  own('@hastejs/data', fashionMnist, imageFolder),
  own('@hastejs/diffusion', euler, heun, eulerMaruyama),
  own('@hastejs/trainer', adamw, jsonl),
  teacherDino,
  teacherClip,
  teacherVit,
  teacherFeatures,
  teacherSelf,
  shipped,
  lossFeature,
  lossAttention,
  lossRelation,
  lossDispersive,
  lossCompose,
  layers,
  triggerFixed,
  triggerPlateau,
  triggerGradientAngle,
  triggerResidual,
  triggerMetric,
  triggerCompose,
  gradientAngle,
  metricAlignment,
  metricLayers,
  metricFrechet,
  backendTorch,
  backendTensorflow,
  backendWasm,
  backendCpu,
]);
