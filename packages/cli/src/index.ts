export { EXIT, exitCodeOf } from './exit-codes.js';
export type { ExitCode } from './exit-codes.js';
export { main } from './main.js';
export type { Surroundings } from './main.js';
export { Progress } from './progress/progress.js';
