import type { Recipe, RunScope } from '@hastejs/core';
import {
  type Dataset,
  HasteError,
  type Metric,
  type Optimizer,
  type RunLogger,
  Services,
  type Student,
  type TeacherEncoder,
  type TerminationTrigger,
} from '@hastejs/plugin-api';
import { Alignment, type TermSource } from './alignment.js';

/** A run's extensions, created and checked against each other. */
export interface Assembly {
  readonly dataset: Dataset;
  readonly student: Student;
  readonly optimizer: Optimizer;
  readonly trigger: TerminationTrigger | null;
  readonly metrics: readonly Metric[];
  readonly loggers: readonly RunLogger[];
}

/** Creates everything that lives as long as the run. The backend must be active. */
export async function assemble(run: RunScope, recipe: Recipe): Promise<Assembly> {
  const dataset = await run.create(recipe.data);
  run.provide(Services.data, dataset.spec);
  const student = await run.create(recipe.student);
  run.provide(Services.student, student.spec);
  checkFit(student, dataset);
  const until = recipe.alignment?.until;
  const metrics = await Promise.all(recipe.metrics.map((ref) => run.create(ref)));
  const trigger = until ? await run.create(until) : null;
  checkWatches(recipe, trigger, metrics);
  return {
    dataset,
    student,
    optimizer: await run.create(recipe.optimizer),
    trigger,
    metrics,
    loggers: await Promise.all(recipe.loggers.map((ref) => run.create(ref))),
  };
}

/** Creates what lives only in phase I. Terms that name the same teacher with the same options share one. */
export async function assembleAlignment(run: RunScope, recipe: Recipe, student: Student): Promise<Alignment | null> {
  if (!recipe.alignment) return null;
  const teachers = new Map<string, TeacherEncoder>();
  const sources: TermSource[] = [];
  for (const [name, term] of Object.entries(recipe.alignment.terms)) {
    const ref = term.teacher ?? recipe.alignment.teacher;
    const key = JSON.stringify(ref);
    const teacher = teachers.get(key) ?? (await run.create(ref));
    teachers.set(key, teacher);
    sources.push({
      name,
      weight: term.weight,
      teacher,
      loss: await run.create(term.loss),
      layers: await run.create(term.layers),
    });
  }
  return new Alignment(student.spec, sources, (teacher) => run.release(teacher));
}

function checkFit({ spec: student }: Student, { spec: data }: Dataset): void {
  const faults: string[] = [];
  const { channels, height, width } = student.input;
  if (channels !== data.image.channels || height !== data.image.height || width !== data.image.width) {
    const image = `${data.image.channels}×${data.image.height}×${data.image.width}`;
    faults.push(
      `${student.name} takes ${channels}×${height}×${width}, but ${data.name} gives ${image} (channels × height × width)`,
    );
  }
  if (student.classes < data.classes.length) {
    faults.push(`${student.name} knows ${student.classes} classes, but ${data.name} has ${data.classes.length}`);
  }
  if (faults.length === 0) return;
  throw new HasteError('TEACHER_MISMATCH', {
    what: `Student and data do not fit: ${faults.join('; ')}.`,
    where: 'student, data',
    fix: "Leave the student's input size and classes out, so that they follow the data, or set them to match.",
  });
}

function checkWatches(recipe: Recipe, trigger: TerminationTrigger | null, metrics: readonly Metric[]): void {
  const known = [
    ...['loss/total', 'loss/denoise', 'grad_norm'],
    ...Object.keys(recipe.alignment?.terms ?? {}).map((term) => `align/${term}`),
    ...metrics.flatMap(({ names }) => names.map((name) => `metric/${name}`)),
  ];
  const unknown = trigger?.watches.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length === 0) return;
  throw new HasteError('RECIPE_INVALID', {
    what: `The trigger watches ${unknown.join(', ')}, which this run does not measure.`,
    where: 'alignment.until',
    fix: `Watch one of ${known.join(', ')}, or add the metric to the recipe's metrics.`,
  });
}
