import {
  NORMALISATIONS,
  VIT_TEACHER_SERVICES,
  createVitTeacher,
  encoderFingerprint,
  familyOption,
  vitTeacherOptions,
} from '@hastejs/encoders';
import { defineTeacher } from '@hastejs/plugin-api';
import { z } from 'zod';

/** Under their authors' names, Hugging Face's or timm's. A bare DINO backbone reads as timm's, which is the same model. */
const FAMILIES = ['dino', 'vit-hf', 'timm', 'dinov2', 'dinov2-hf', 'dinov3', 'dinov3-hf', 'timm-dinov3'] as const;

const options = z.strictObject({
  // The released training code resamples its DINOv2 as timm does, and the published results are those of that code.
  ...vitTeacherOptions('timm'),
  family: familyOption(FAMILIES),
});

/** DINO, DINOv2 and DINOv3: with or without registers, MLP or SwiGLU, learned or rotary positions. */
export const dino = defineTeacher({
  id: 'teacher/dino',
  summary: 'DINO, DINOv2 or DINOv3: a frozen vision transformer trained without labels.',
  options,
  inject: VIT_TEACHER_SERVICES,
  fingerprint: encoderFingerprint,
  create: (given, services) =>
    createVitTeacher(given, services, { families: FAMILIES, normalisation: NORMALISATIONS.imagenet }),
});
