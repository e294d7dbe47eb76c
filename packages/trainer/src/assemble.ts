import type { Recipe, RunScope } from '@hastejs/core';
import {
  type Dataset,
  HasteError,
  type Json,
  type Metric,
  type Optimizer,
  type Ref,
  type RunLogger,
  Services,
  type Student,
  type TeacherEncoder,
  type TerminationTrigger,
} from '@hastejs/plugin-api';
import { Alignment } from './alignment.js';
import { canonicalJson } from './canonical-json.js';
import { type RunMetrics, createMetrics } from './create-metrics.js';
import { endWhenSpent } from './spent-weights.js';
import { CachedTeacher } from './teacher-cache/cached-teacher.js';
import { openCached } from './teacher-cache/open-cached.js';
import type { TermSource } from './term.js';

/** A run's extensions, created and checked against each other. */
export interface Assembly extends RunMetrics {
  readonly dataset: Dataset;
  readonly student: Student;
  readonly optimizer: Optimizer;
  readonly trigger: TerminationTrigger | null;
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
  const trigger = endWhenSpent(until ? await run.create(until) : null, recipe.alignment);
  const measured = await createMetrics(run, recipe, trigger);
  checkWatches(recipe, trigger, [...measured.metrics, ...measured.triggerMetrics]);
  return {
    dataset,
    student,
    optimizer: await run.create(recipe.optimizer),
    trigger,
    ...measured,
    loggers: await Promise.all(recipe.loggers.map((ref) => run.create(ref))),
  };
}

/**
 * Creates what lives only in phase I. Terms that name the same teacher with the same options share one, which encodes once
 * a step whatever they take from it. A teacher whose features are to be kept is opened from its cache instead; what the
 * cache lacks is found out here, and computed by `fillTeacherCaches`.
 */
export async function assembleAlignment(
  run: RunScope,
  recipe: Recipe,
  parts: Pick<Assembly, 'dataset' | 'student'>,
): Promise<Alignment | null> {
  const { alignment } = recipe;
  if (!alignment) return null;
  const teachers = new Map<string, TeacherEncoder>();
  const sources: TermSource[] = [];
  const teacherOf = async (name: string, { teacher: ref, cache }: NamedTeacher): Promise<TeacherEncoder | null> => {
    if (!ref) return null;
    const key = canonicalJson([ref, cache ?? null] as unknown as Json);
    const create = () => (cache ? openCached(run, recipe, { teacher: ref, cache }, parts) : run.create(ref));
    const teacher = teachers.get(key) ?? (await create());
    teachers.set(key, teacher);
    checkNeeds(name, teacher);
    return teacher;
  };
  for (const [name, term] of Object.entries(alignment.terms)) {
    const loss = await run.create(term.loss);
    const alone = loss.reads === 'student';
    if (alone && term.teacher) throw unreadTeacher(name, term.teacher);
    const teacher = alone ? null : await teacherOf(name, term.teacher ? term : alignment);
    sources.push({ name, weight: term.weight, teacher, loss, layers: await run.create(term.layers) });
  }
  const isRead = sources.some(({ name, teacher }) => teacher && !alignment.terms[name]!.teacher);
  if (alignment.teacher && !isRead) {
    run.notices.warn(`alignment.teacher: no term compares with ${alignment.teacher.id}, so it is not loaded.`);
  }
  const session = new Alignment(parts.student.spec, sources, (teacher) =>
    teacher instanceof CachedTeacher ? teacher.close() : run.release(teacher),
  );
  for (const [teacher, taps] of session.teachers) if (teacher instanceof CachedTeacher) await teacher.plan(taps);
  return session;
}

/** A teacher as a recipe names it, for the alignment or for a term. */
type NamedTeacher = Pick<NonNullable<Recipe['alignment']>, 'teacher' | 'cache'>;

function unreadTeacher(term: string, { id }: Ref): HasteError {
  return new HasteError('RECIPE_INVALID', {
    what: `The loss looks at the student alone, so ${id} would teach nobody.`,
    where: `alignment.terms.${term}.teacher`,
    fix: 'Leave the teacher out of this term, or give the term a loss that compares with one.',
  });
}

function checkNeeds(term: string, { needs, fetch, spec }: TeacherEncoder): void {
  if (needs !== 'items' || fetch) return;
  throw new HasteError('EXTENSION_FAILED', {
    what: `${spec.name} answers by data item, but cannot fetch what it keeps of them.`,
    where: `alignment.terms.${term}`,
    fix: 'A teacher that needs items has `fetch`; report this to the author of the plugin.',
  });
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
