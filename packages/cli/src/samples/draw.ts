import type { Host } from '@hastejs/core';
import type { RunReport, SampleOptions, Samples } from '@hastejs/trainer';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.js';
import type { Engine } from '../engine.js';
import { Progress } from '../progress/progress.js';

/** Samples with progress. */
export async function draw(context: Context, options: SampleOptions): Promise<Samples> {
  const { io, output } = context;
  const { sampleImages } = await context.engine();
  const progress = new Progress(io);
  output.board = progress;
  let started = false;
  const onProgress = (done: number, total: number) => {
    if (output.json) return output.record('sampling', { done, total });
    if (!started) progress.start('sample', 0, total);
    started = true;
    progress.update(done);
  };
  try {
    return await sampleImages({ ...options, onProgress });
  } finally {
    progress.end();
    output.board = null;
  }
}

/** The grid of a finished run, drawn as its recipe says from the moving average. @returns its path. */
export async function drawRunSamples(
  context: Context,
  host: Host,
  { folder }: RunReport,
  backend: SampleOptions['backend'],
): Promise<string> {
  const { contactSheet, reportSamples, writePng } = await context.engine();
  const samples = await draw(context, { host, checkpoint: folder, ...(backend !== undefined && { backend }) });
  const path = join(folder, 'samples.png');
  await writePng(path, contactSheet(samples));
  await reportSamples(folder, path);
  return path;
}

/** Writes the grid and every image. */
export async function writeSamples(
  { contactSheet, imageAt, writePng }: Engine,
  samples: Samples,
  folder: string,
): Promise<{ grid: string; files: string[] }> {
  await mkdir(folder, { recursive: true });
  const grid = join(folder, 'samples.png');
  await writePng(grid, contactSheet(samples));
  const files = imageNames(samples).map((name) => join(folder, name));
  for (const [index, file] of files.entries()) await writePng(file, imageAt(samples, index));
  return { grid, files };
}

/** `0-t-shirt-top-003.png`: class number, class name, count within the class. */
export function imageNames({ labels_B, classes }: Pick<Samples, 'labels_B' | 'classes'>): string[] {
  const counts = new Map<number, number>();
  return [...labels_B].map((label) => {
    const count = counts.get(label) ?? 0;
    counts.set(label, count + 1);
    const name = (classes[label] ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
    return `${[String(label), name.replace(/^-|-$/g, '')].filter(Boolean).join('-')}-${String(count).padStart(3, '0')}.png`;
  });
}
