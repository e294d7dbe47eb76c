// What programs use to write plugins without the command line.

export type { Answers } from './answers.js';
export { CreateError } from './create-error.js';
export { PLUGIN_KINDS, kindOf } from './kinds.js';
export type { PluginKind } from './kinds.js';
export { LICENCES } from './licences.js';
export type { Licence } from './licences.js';
export { main } from './main.js';
export type { Io } from './main.js';
export { nameFault, namesOf } from './names.js';
export type { Names } from './names.js';
