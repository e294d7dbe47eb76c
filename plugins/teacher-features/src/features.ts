import { cloneTaps, openFeatures } from '@hastejs/features';
import { Services, defineTeacher } from '@hastejs/plugin-api';
import { z } from 'zod';

/**
 * Features that somebody computed before, by whatever means: safetensors with a row for every image of the data set (and
 * for every variant of its augmentation), in the format of docs/teacher-cache.md. Only the rows of a batch are read.
 */
export const featureFile = defineTeacher({
  id: 'teacher/features',
  summary: 'Precomputed features of the data set, from a safetensors file or a folder of them.',
  options: z.strictObject({
    path: z.string().min(1).describe('A .safetensors file of features, or a folder of them.'),
  }),
  inject: { files: Services.files, data: Services.data },
  create: async ({ path }, { files, data }) => {
    const { source, taps, reader } = await openFeatures(files.resolve(path), data);
    return {
      spec: { ...source.teacher, offers: taps },
      needs: 'items',
      repeatable: true,
      fetch: (items, wanted) => reader.read(items, wanted),
      encode: (_images_BCHW, _taps, context) => cloneTaps(context!.fetched!),
      dispose: () => void reader.close(),
    };
  },
});
