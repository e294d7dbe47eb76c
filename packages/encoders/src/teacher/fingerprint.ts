import { Services } from '@hastejs/plugin-api';
import type { Files } from '@hastejs/plugin-api';
import { openWeights } from '@hastejs/weights';
import { createHash } from 'node:crypto';
import { readBeside } from '../weights/beside.js';
import { locateWeights } from '../weights/locate.js';

/** What every ViT teacher is given. */
export const VIT_TEACHER_SERVICES = {
  files: Services.files,
  student: Services.student,
  data: Services.data,
  backend: Services.backend,
} as const;

/**
 * Tells encoders apart by everything on the disk that their answers depend on: the weights, and what lies beside them and
 * says how to read them. Reads every byte of the weights once.
 * @throws HasteError WEIGHTS_UNREADABLE
 */
export async function encoderFingerprint(
  { weights, entry }: { readonly weights: string; readonly entry?: string | undefined },
  { files }: { readonly files: Pick<Files, 'resolve'> },
): Promise<string> {
  const file = await openWeights(locateWeights(weights, files).path, { entry });
  try {
    const { config, preprocessor } = await readBeside(file);
    const hash = createHash('sha256');
    for (const part of [await file.fingerprint(), config, preprocessor]) hash.update(`${JSON.stringify(part)}\n`);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
