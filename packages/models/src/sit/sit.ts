import { Services, defineStudent } from '@hastejs/plugin-api';
import { sitConfig, sitOptions } from './options.js';
import { makeSit } from './student.js';

/** The class-conditional diffusion transformer of the paper; learns image shape and classes from the data. */
export const sit = defineStudent({
  id: 'student/sit',
  summary: 'Scalable Interpolant Transformer: class-conditional, adaLN-Zero, velocity prediction.',
  options: sitOptions,
  inject: { data: Services.data },
  create: (options, { data }) => makeSit(sitConfig(options, data)),
});
