export { EXIT, exitCodeOf } from './exit-codes.js';
export type { ExitCode } from './exit-codes.js';
export { Progress } from './progress/progress.js';
