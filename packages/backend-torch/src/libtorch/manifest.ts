import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Raised when the flags or the layout of a build change: what was built before no longer counts. */
export const FORMAT = 1;

export const ADDON = 'haste_torch.node';
const MANIFEST = 'build.json';

const manifest = z.object({
  format: z.literal(FORMAT),
  libtorch: z.object({ root: z.string(), lib: z.string(), version: z.string(), cuda: z.boolean() }),
  /** Of the C++ that it was built from. */
  sources: z.string(),
  /** Of everything that decided the result: equal keys, equal builds. */
  key: z.string(),
  compiler: z.string(),
  /** `linux-x64`. */
  platform: z.string(),
  napi: z.number(),
  node: z.string(),
  /** When it was built, or last chosen by a setup: the latest is taken. ISO 8601. */
  date: z.string(),
});

/** `build.json`: what an addon was built from, beside the addon. */
export type Manifest = z.infer<typeof manifest>;

export interface Build {
  readonly folder: string;
  /** The addon's file. */
  readonly addon: string;
  readonly manifest: Manifest;
}

/** The whole builds in a setup's folder, latest first. What is half-written, or from another format, is no build. */
export function buildsIn(home: string): Build[] {
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .flatMap((name) => readBuild(join(home, name)) ?? [])
    .sort((a, b) => b.manifest.date.localeCompare(a.manifest.date));
}

export function manifestPath(folder: string): string {
  return join(folder, MANIFEST);
}

function readBuild(folder: string): Build | undefined {
  const addon = join(folder, ADDON);
  if (!existsSync(manifestPath(folder)) || !existsSync(addon)) return undefined;
  const parsed = manifest.safeParse(parseJson(readFileSync(manifestPath(folder), 'utf8')));
  return parsed.success ? { folder, addon, manifest: parsed.data } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
