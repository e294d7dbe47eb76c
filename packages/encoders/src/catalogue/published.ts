import type { VitFamilyId } from '@hastejs/models';

/** The extension that takes an encoder as a teacher. */
export type TeacherId = 'teacher/dino' | 'teacher/clip' | 'teacher/vit';

/** Where weights come from, in words for people: who made them, under which terms. */
export interface Provenance {
  /** SPDX identifier, or the name of a licence that has none. */
  readonly licence: string;
  /** What else to know of the terms. */
  readonly terms?: string;
  /** Authors, title, year, arXiv number. */
  readonly citation: string;
}

/** One published encoder that is known by a short id. */
export interface PublishedWeights extends Provenance {
  /** What recipes and `haste teachers pull` call it. */
  readonly id: string;
  readonly teacher: TeacherId;
  /** What its file reads as. */
  readonly family: VitFamilyId;
  readonly summary: string;
  /** On the Hugging Face hub, `<owner>/<name>`. */
  readonly repo: string;
  /** A commit; 'main' where none is pinned. */
  readonly revision: string;
  /** The weights first, then what says how to read them. */
  readonly files: readonly [weights: string, ...rest: string[]];
  /** SHA-256 by file, where it is known. */
  readonly sha256?: Readonly<Record<string, string>>;
  /** One must agree to its terms on the hub before it can be pulled. */
  readonly gated?: boolean;
  /** Which of NORMALISATIONS it was trained with. */
  readonly normalisation: 'imagenet' | 'clip' | 'half';
}

/** A model of a group: id, summary, repository, revision, and what differs from the group. */
export type Model = readonly [
  id: string,
  summary: string,
  repo: string,
  revision: string,
  own?: Partial<PublishedWeights>,
];

/** Entries that share all but their name, place and revision. */
export function group(
  shared: Omit<PublishedWeights, 'id' | 'summary' | 'repo' | 'revision'>,
  models: readonly Model[],
): PublishedWeights[] {
  return models.map(([id, summary, repo, revision, own]) => ({ ...shared, id, summary, repo, revision, ...own }));
}

export const CONFIGS = ['config.json', 'preprocessor_config.json'] as const;
/** What most repositories of the hub hold. */
export const SAFETENSORS = ['model.safetensors', ...CONFIGS] as const;
/** Repositories from before safetensors. */
export const PYTORCH = ['pytorch_model.bin', ...CONFIGS] as const;
