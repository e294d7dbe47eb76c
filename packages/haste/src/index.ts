// Haste with everything built in: what recipes and programs import, by name.

export { builtins } from './builtins.js';

// Recipes
export { defineRecipe, timeBands } from '@hastejs/core';
export type { AlignmentInput, AlignmentTermInput, Recipe, RecipeInput } from '@hastejs/core';

// Students
export { sit } from '@hastejs/models';

// Data sets
export { fashionMnist, imageFolder } from '@hastejs/data';

// Teachers
export { clip } from '@hastejs/teacher-clip';
export { dino } from '@hastejs/teacher-dino';
export { featureFile } from '@hastejs/teacher-features';
export { selfTeacher } from '@hastejs/teacher-self';
export { vit } from '@hastejs/teacher-vit';
export { fashionMnistTeacher } from './teachers.js';

// Alignment: losses, layers, and what ends it
export { featureAlignment, featureAlignmentConv } from '@hastejs/loss-feature';
export { attentionAlignment } from '@hastejs/loss-attention';
export { relationAlignment } from '@hastejs/loss-relation';
export { dispersive } from '@hastejs/loss-dispersive';
export { spatialNorm, tokenWeights } from '@hastejs/loss-compose';
export { blocks, pairs, published, relative } from '@hastejs/layers';
export { PUBLISHED_STOPS, fixed } from '@hastejs/trigger-fixed';
export { plateau } from '@hastejs/trigger-plateau';
export { gradientConflict } from '@hastejs/trigger-gradient-angle';
export { residual } from '@hastejs/trigger-residual';
export { score } from '@hastejs/trigger-metric';
export { after, allOf, anyOf, atMost, ramp } from '@hastejs/trigger-compose';

// Measurements, optimizer, logs
export { alignmentByLayer } from '@hastejs/metric-alignment';
export { frechet } from '@hastejs/metric-frechet';
export { gradientAngle } from '@hastejs/metric-gradient-angle';
export { attentionDistance, cknnaByLayer, effectiveRankByLayer, linearProbeByLayer } from '@hastejs/metric-layers';
export { adamw, jsonl } from '@hastejs/trainer';

// Judging samples
export { Evaluator } from './evaluator.js';
export type { EvaluatorOptions, ScoreOptions } from './evaluator.js';

// Samplers
export { euler, eulerMaruyama, heun } from '@hastejs/diffusion';

// Backends
export { cpuBackend as cpu } from '@hastejs/backend-cpu';
export { tensorflowBackend as tensorflow } from '@hastejs/backend-tensorflow';
export { torchBackend as torch } from '@hastejs/backend-torch';
export { wasmBackend as wasm } from '@hastejs/backend-wasm';

// Programs: the same run without the command line
export { createHost, readRecipe } from '@hastejs/core';
export type { Host } from '@hastejs/core';
export { sampleImages, train } from '@hastejs/trainer';
export type { RunReport, SampleOptions, Samples, TrainOptions } from '@hastejs/trainer';
