export {
  alignmentLossContract,
  backendContract,
  datasetContract,
  loggerContract,
  metricContract,
  optimizerContract,
  samplerContract,
  studentContract,
  targetLayersContract,
  teacherContract,
  triggerContract,
} from './contracts.js';
export type { CaseOf, CheckName } from './contracts.js';
export type { AnyCase } from './kinds/kind-checks.js';
export type { Written } from './kinds/logger/logger-checks.js';
export type { Story } from './kinds/trigger/story.js';
export type { ContractCase, Refusal } from './contract/case.js';
export { ContractFault } from './contract/contract-fault.js';
export type { FaultDetails } from './contract/contract-fault.js';
export type { Contract, ContractCheck } from './contract/contract.js';
export { describeContract } from './contract/describe-contract.js';
export type { TestRunner } from './contract/describe-contract.js';
export { runContract } from './contract/run-contract.js';
export type { ContractResult } from './contract/run-contract.js';
export { fakeLayers, fakeLoss, fakeTrigger } from './fakes/fake-alignment.js';
export { fakeData, fakeDataSpec, fakeImages } from './fakes/fake-data.js';
export { fakeStudent, fakeStudentSpec } from './fakes/fake-student.js';
export { fakeTeacher, fakeTeacherSpec } from './fakes/fake-teacher.js';
export { gradientCheck } from './measure/gradient-check.js';
export type { GradientCheckOptions } from './measure/gradient-check.js';
export { expectNoLeaks } from './measure/leaks.js';
export { pluginContract } from './plugin/plugin-contract.js';
export type { PluginCases, PluginContractOptions } from './plugin/plugin-contract.js';
export { startTestRun } from './run/start-test-run.js';
export type { TestRun, TestRunEvent, TestRunOptions } from './run/start-test-run.js';
export type { TestRecipe } from './run/toy-recipe.js';
