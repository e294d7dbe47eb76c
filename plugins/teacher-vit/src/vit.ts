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

const FAMILIES = ['mae', 'mae-hf', 'ijepa', 'ijepa-hf', 'mocov3', 'vit-hf', 'timm'] as const;

/** MAE, I-JEPA, MoCo v3, and any vision transformer of timm. */
export const vit = defineTeacher({
  id: 'teacher/vit',
  summary: 'MAE, I-JEPA, MoCo v3 or a vision transformer of timm.',
  options: z.strictObject({
    ...vitTeacherOptions('family'),
    family: familyOption(FAMILIES),
    activation: activationOption,
  }),
  inject: VIT_TEACHER_SERVICES,
  fingerprint: encoderFingerprint,
  create: (given, services) => createVitTeacher(given, services, { families: FAMILIES }),
});
