import { resolve } from 'node:path';
import type { Recipe, RunScope } from '@hastejs/core';
import { type BatchSource, Loader } from '@hastejs/data';
import type { Backend, JsonObject, Metric, Notices, Observation } from '@hastejs/plugin-api';
import { type Rng, rng as makeRng } from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import { type Assembly, assemble, assembleAlignment } from './assemble.js';
import { type LoadedBatch, batchSource } from './batch-source.js';
import { type Chosen, chooseCheckpoint } from './checkpoint/choose.js';
import { asForked, refuseForeign } from './checkpoint/compare.js';
import type { RunState } from './checkpoint/format.js';
import { Checkpoints, type SaveReason } from './checkpoint/keep.js';
import type { DrawRecipe } from './draws.js';
import { wantedMetrics } from './create-metrics.js';
import { copyLog } from './fork/copy-log.js';
import { forkPhase, refuseOwnFolder } from './fork/fork-phase.js';
import { History } from './history.js';
import { Loggers } from './loggers.js';
import { type Phase, factorOf } from './phase.js';
import { type Compute, computeIn } from './precision.js';
import type { ProbeSource } from './probes.js';
import { observe } from './replay/observations.js';
import { ORIGIN_FILE, type RunOrigin } from './replay/run-record.js';
import { type RunReport, makeReport } from './report.js';
import { type RunFolder, openRunFolder } from './run-folder.js';
import { type LoopState, begin, disposeWeights, restore, retire, tensorsOf } from './state.js';
import type { StepRecipe } from './step.js';
import { Stepper } from './stepper.js';
import { StepTimes } from './step-times.js';
import { fillTeacherCaches } from './teacher-cache/fill-caches.js';
import type { StepFacts, TrainOptions } from './train-options.js';

/** What a session is made of. */
interface Making {
  readonly run: RunScope;
  readonly recipe: Recipe;
  readonly parts: Assembly;
  readonly alignment: Alignment | null;
  readonly source: BatchSource<LoadedBatch>;
  readonly loader: Loader<LoadedBatch>;
  readonly folder: RunFolder;
  readonly selected: Backend;
  readonly backend: RunState['backend'];
  readonly compute: Compute;
  readonly baseDir: string;
  readonly recipeFile: string | null;
  /** The checkpoint that the run goes on from. */
  readonly chosen: Chosen | null;
  readonly forkedFrom: RunState['forkedFrom'] | null;
  /** Whether it leaves `chosen` to its own run, and goes on beside it. */
  readonly forking: boolean;
  readonly state: LoopState;
}

/** What was asked for; else what the run began on, with the recipe's options for it; else the recipe's; else the best. */
function backendOf({ backend, recipe }: TrainOptions, chosen: Chosen | null): TrainOptions['backend'] {
  const began = chosen?.runFile.backend.name;
  if (backend !== undefined || began === undefined) return backend ?? recipe.backend;
  return recipe.backend?.id === `backend/${began}` ? recipe.backend : began;
}

/** Everything the loop works with: created, checked against each other, and, on resume, restored. */
export class Session {
  readonly rng: Rng;
  readonly recipe: Recipe;
  readonly parts: Assembly;
  readonly loader: Loader<LoadedBatch>;
  readonly stepRecipe: StepRecipe;
  readonly stepper: Stepper;
  readonly draws: DrawRecipe;
  /** What metrics may draw probe sets from. */
  readonly probes: ProbeSource;
  state: LoopState;
  /** Phase I; null once it has ended. */
  alignment: Alignment | null;
  private readonly loggers: Loggers;
  private readonly history: History;
  private readonly times: StepTimes;
  private readonly checkpoints: Checkpoints;

  private constructor(private readonly made: Making) {
    const { recipe, parts, folder, chosen } = made;
    const { path, time, labelDropout, gradientClip, ema } = recipe;
    const { dataset, student, optimizer } = parts;
    this.rng = makeRng(recipe.seed);
    this.recipe = recipe;
    this.parts = parts;
    this.loader = made.loader;
    this.state = made.state;
    this.alignment = made.alignment;
    const { compute } = made;
    this.stepRecipe = { student, path, optimizer, gradientClip, emaDecay: ema.decay, compute };
    this.stepper = new Stepper(this.stepRecipe, made.selected);
    this.draws = { image: dataset.spec.image, path, time, labelDropout, classes: student.spec.classes };
    this.probes = { source: made.source, draws: this.draws, batchSize: recipe.batchSize, rng: this.rng };
    this.loggers = new Loggers(parts.loggers, made.run);
    this.history = new History(chosen?.runFile.history);
    this.times = new StepTimes(chosen?.runFile.stepTimes);
    const earlier = made.forking ? [] : (chosen?.runFile.checkpoints ?? []);
    this.checkpoints = new Checkpoints(folder.checkpoints, recipe.checkpoints.keep, earlier);
  }

  /** Checks everything before the run folder is touched, so that a refused run leaves nothing behind. */
  static async open(options: TrainOptions, run: RunScope): Promise<Session> {
    const { host, recipe, resume, fork } = options;
    const from = fork ?? (resume === true ? options.folder : resume);
    const chosen = from === undefined ? null : await chooseCheckpoint(from);
    if (chosen && fork !== undefined) refuseOwnFolder(chosen, options.folder);
    const selected = await host.selectBackend(backendOf(options, chosen));
    const compute = computeIn(selected, recipe.precision);
    const { device, version } = await selected.probe();
    const parts = await assemble(run, recipe);
    if (chosen) refuseForeign(chosen, fork === undefined ? recipe : asForked(recipe, chosen), parts.dataset.spec);
    const start = chosen && fork !== undefined ? await forkPhase(chosen, recipe, parts.trigger) : null;
    for (const doubt of start?.doubts ?? []) run.notices.warn(`fork: ${doubt}`);
    const rng = makeRng(recipe.seed);
    const aligns = chosen?.runFile.phase.kind !== 'free';
    const alignment = aligns ? await assembleAlignment(run, recipe, parts) : null;
    const source = batchSource(parts.dataset, alignment);
    const loader = new Loader(source, recipe.batchSize, rng);
    const restored = chosen
      ? await restore(chosen)
      : begin(parts.student, parts.optimizer, alignment, parts.trigger, rng);
    const state = start ? { ...restored, phase: start.phase } : restored;
    try {
      const folder = await openRunFolder(options.folder, resume ? 'resume' : options.fresh ? 'fresh' : 'new');
      const backend = { name: selected.name, device, version };
      const baseDir = resolve(options.baseDir);
      const recipeFile = options.recipeFile ?? null;
      return new Session({
        run,
        recipe,
        parts,
        alignment,
        source,
        loader,
        folder,
        selected,
        backend,
        compute,
        baseDir,
        recipeFile,
        chosen,
        forkedFrom: start && chosen ? { path: chosen.path, step: state.step } : (chosen?.runFile.forkedFrom ?? null),
        forking: start !== null,
        state,
      });
    } catch (error) {
      disposeWeights(state.weights);
      throw error;
    }
  }

  /** Computes features that the recipe wants kept and that are not. Interrupted, no step may follow. */
  async fillTeacherCaches(signal?: AbortSignal): Promise<void> {
    if (!this.alignment || this.state.phase.kind === 'free') return;
    const { run, recipe, parts, compute, selected } = this.made;
    const { batchSize } = recipe;
    await fillTeacherCaches(this.alignment, run.events, { dataset: parts.dataset, batchSize, compute, signal });
    selected.trim?.();
  }

  async start(): Promise<void> {
    const { path } = this.made.folder;
    const { baseDir, recipeFile, forking, chosen } = this.made;
    if (forking && chosen) await copyLog(chosen, this.recipe, path);
    await this.made.folder.writeJson('recipe.json', this.json);
    const origin: RunOrigin = { baseDir, recipeFile, data: this.parts.dataset.spec };
    await this.made.folder.writeJson(ORIGIN_FILE, origin as unknown as JsonObject);
    await this.loggers.start({ folder: path, recipe: this.json, step: this.state.step });
    const { step, phase } = this.state;
    this.made.run.events.emit('run:started', {
      folder: path,
      step,
      steps: this.recipe.steps,
      backend: this.made.backend,
      phase: phase.kind,
    });
    // A trigger may fire before the first step; a recipe may have no alignment at all.
    if (phase.kind === 'free' && this.alignment) await this.letGo(phase);
    // A fork stands on its own from its first moment.
    if (forking) await this.save(phase.kind === 'free' ? 'phase change' : 'forked');
  }

  /** Whether it began from a checkpoint of another run, which it has saved as its own. */
  get forked(): boolean {
    return this.made.forking;
  }

  get notices(): Notices {
    return this.made.run.notices;
  }

  /** The metrics that somebody wants now. */
  get metrics(): readonly Metric[] {
    const { parts, alignment } = this;
    const watches = alignment ? (parts.trigger?.watches ?? []) : [];
    return wantedMetrics(parts, { logged: parts.loggers.length > 0, watches });
  }

  /** λ of every term in the step that follows, while they change from step to step. */
  changingWeights(): Record<string, number> {
    const { alignment, state } = this;
    const factor = factorOf(state.phase);
    if (!alignment || (factor === 1 && !alignment.scheduled)) return {};
    const moment = { step: state.step, factor };
    return Object.fromEntries(alignment.termNames.map((name) => [`weight/${name}`, alignment.weight(name, moment)]));
  }

  /** Records the facts of a completed step. */
  completed({ losses, measured, seconds }: StepFacts): void {
    const { step, phase } = this.state;
    const values = { ...losses, ...measured };
    this.history.add(step, values);
    this.times.add(phase.kind, seconds);
    this.loggers.scalars(step, values);
    this.made.run.events.emit('step:completed', { step, losses, seconds, phase: phase.kind });
    for (const [name, value] of Object.entries(measured))
      this.made.run.events.emit('metric:measured', { step, name, value });
  }

  /** What the trigger sees of a completed step. */
  observe({ losses, measured }: StepFacts): Observation {
    const { recipe, parts, state } = this;
    const watches = parts.trigger?.watches ?? [];
    const source = { batchSize: recipe.batchSize, length: parts.dataset.spec.length, watches };
    return observe(source, state.step, { ...losses, ...measured });
  }

  /** Ends phase I: the teacher, the projector and its moments are gone; nothing else in the run changes. */
  async letGo(phase: Extract<Phase, { kind: 'free' }>): Promise<void> {
    if (this.alignment) {
      await this.alignment.close();
      this.state = { ...this.state, weights: retire(this.state.weights, this.alignment) };
      this.alignment = null;
      this.made.selected.trim?.();
    }
    this.made.run.events.emit('phase:changed', { step: phase.since, reason: phase.reason });
  }

  /** Resolved recipes are plain JSON by construction. */
  private get json(): JsonObject {
    return this.recipe as unknown as JsonObject;
  }

  async save(reason: SaveReason): Promise<void> {
    const { weights } = this.state;
    const path = await this.checkpoints.save(reason, this.runState(), tensorsOf(weights, this.alignment));
    this.made.run.events.emit('checkpoint:saved', { step: this.state.step, path, reason });
  }

  async finish(): Promise<RunReport> {
    const state = { ...this.runState(), checkpoints: this.checkpoints.all };
    const report = makeReport(this.made.folder.path, state, this.recipe.steps, this.recipe.alignment !== null);
    await this.made.folder.writeJson('report.json', report as unknown as JsonObject);
    this.made.run.events.emit('run:finished', { step: report.step, status: report.status });
    return report;
  }

  async close(): Promise<void> {
    await this.loader.dispose();
    await this.loggers.close();
    this.stepper.dispose();
    disposeWeights(this.state.weights);
    await this.made.folder.release();
  }

  private runState(): Omit<RunState, 'checkpoints'> {
    const { step, phase } = this.state;
    return {
      step,
      phase,
      recipe: this.recipe,
      baseDir: this.made.baseDir,
      recipeFile: this.made.recipeFile,
      backend: this.made.backend,
      dataSpec: this.parts.dataset.spec,
      history: this.history.state(),
      stepTimes: this.times.state(),
      ...(this.made.forkedFrom && { forkedFrom: this.made.forkedFrom }),
    };
  }
}
