import {
  VIT_TEACHER_SERVICES,
  activationOption,
  createVitTeacher,
  encoderFingerprint,
  familyOption,
  vitTeacherOptions,
} from '@hastejs/encoders';
import { defineTeacher } from '@hastejs/plugin-api';
import { z } from 'zod';

/** OpenAI's and OpenCLIP's names, Hugging Face's, and timm's (its CLIP and SigLIP towers, OpenCLIP's `visual.trunk`). */
const FAMILIES = ['clip', 'clip-hf', 'siglip-hf', 'timm'] as const;

/** The image towers of CLIP, OpenCLIP, SigLIP and SigLIP 2; a file that holds the text tower too is read without it. */
export const clip = defineTeacher({
  id: 'teacher/clip',
  summary: 'The image tower of CLIP, OpenCLIP, SigLIP or SigLIP 2, trained on images with captions.',
  options: z.strictObject({
    ...vitTeacherOptions('family'),
    family: familyOption(FAMILIES),
    activation: activationOption,
  }),
  inject: VIT_TEACHER_SERVICES,
  fingerprint: encoderFingerprint,
  create: (given, services) => createVitTeacher(given, services, { families: FAMILIES }),
});
