// B batch, C channels, H height, W width.
import type { Taps } from './taps.js';

/** The grid that tokens are laid on, in row-major order: tokens = height × width. */
export interface TokenGrid {
  readonly height: number;
  readonly width: number;
}

export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What alignment and sampling need to know of a student before any weight exists. */
export interface StudentSpec {
  readonly name: string;
  readonly blocks: number;
  /** Hidden size D. */
  readonly width: number;
  readonly heads: number;
  readonly headDim: number;
  readonly grid: TokenGrid;
  /** Shape of one diffusion state x (pixels or latents). */
  readonly input: ImageShape;
  /** Number of classes; class index `classes` is the null class of guidance. */
  readonly classes: number;
}

/** What a teacher promises: the shapes of every tap it can give. Class and register tokens are never part of a tap. */
export interface TeacherSpec {
  readonly name: string;
  readonly blocks: number;
  readonly width: number;
  readonly heads: number;
  readonly headDim: number;
  /** Grid of the patch tokens for the images it was created for. */
  readonly grid: TokenGrid;
  /** The only taps it can give. Absent: every block, and final tokens. */
  readonly offers?: Taps;
}

/** What a data set promises. */
export interface DataSpec {
  readonly name: string;
  readonly length: number;
  readonly classes: readonly string[];
  readonly image: ImageShape;
  /** Changes whenever the images, labels or their order change. */
  readonly fingerprint: string;
  /**
   * Names of all forms that augmentation can give an image, such as `plain` and `mirrored`; without augmentation there is
   * one. Absent: they cannot be counted, and features of this set cannot be computed ahead.
   */
  readonly variants?: readonly string[];
}

export const gridTokens = (grid: TokenGrid): number => grid.height * grid.width;
export const sameGrid = (a: TokenGrid, b: TokenGrid): boolean => a.height === b.height && a.width === b.width;
export const formatGrid = (grid: TokenGrid): string => `${grid.height}×${grid.width}`;
