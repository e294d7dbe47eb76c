import { z } from 'zod';

/** The option that every selector shares. */
export const grids = z
  .enum(['refuse', 'resample'])
  .default('refuse')
  .describe("When the token grids differ: refuse, or resample the teacher's tokens to the student's grid.");
