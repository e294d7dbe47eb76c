// B batch, C channels, H heads, T tokens, d head size.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpolate, lognormalTimes, velocityErrors } from '@hastejs/diffusion';
import { makeSit } from '@hastejs/models';
import { type QueryKey, type StudentOutput, type Taps } from '@hastejs/plugin-api';
import {
  type Params,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  globalNorm,
  omitParams,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import { type Alignment, type LossTerms, type TeacherValues, type TrainingBatch, lossTerms, totalLoss } from '@hastejs/trainer';
import { goldenFolder } from '../runner/folder.js';
import { type GoldenCase } from '../runner/golden-case.js';
import { sitConfigOf } from '../runner/sit-config.js';
