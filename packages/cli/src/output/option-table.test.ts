import type { JsonObject } from '@hastejs/plugin-api';
import { z } from 'zod';
import { formatOptions, optionRows } from './option-table.js';

const rowsOf = (shape: z.ZodRawShape) =>
  optionRows(z.toJSONSchema(z.strictObject(shape), { io: 'input' }) as JsonObject);

describe('option tables', () => {
  it('says type, default and meaning of every option', () => {
    const rows = rowsOf({
      hidden: z.number().int().positive().default(2048).describe('Width of the projector'),
      grids: z.enum(['refuse', 'resample']).default('refuse'),
      dir: z.string().describe('Folder'),
      limit: z.number().min(0).max(1).optional(),
    });
    expect(formatOptions(rows, '')).toEqual([
      'option  type                   default',
      'hidden  integer > 0            2048      Width of the projector',
      'grids   "refuse" | "resample"  "refuse"',
      'dir     string                 required  Folder',
      'limit   0 ≤ number ≤ 1         optional',
    ]);
  });

  it.each([
    [z.array(z.number()), 'number[]'],
    [z.number().gt(0).lt(1), '0 < number < 1'],
    [z.number().max(1), 'number ≤ 1'],
    [z.number().gt(-1), 'number > -1'],
    [z.array(z.int().min(2)), '(integer ≥ 2)[]'],
    [z.tuple([z.boolean(), z.literal('final')]), '[boolean, "final"]'],
    [z.union([z.int(), z.literal('final')]), 'integer | "final"'],
    [z.nullable(z.string()), 'string | null'],
    [z.unknown(), 'anything'],
    [z.strictObject({ mean: z.array(z.number()), std: z.number().optional() }), '{ mean: number[], std?: number }'],
    [z.record(z.string(), z.number()), 'object'],
  ])('writes a type as people do (%#)', (schema, text) => {
    expect(rowsOf({ x: schema })[0]!.type).toBe(text);
  });

  it('puts long types below the table', () => {
    const sizes = ['SiT-S/2', 'SiT-B/2', 'SiT-L/2', 'SiT-XL/2'];
    expect(formatOptions(rowsOf({ size: z.enum(sizes), n: z.int() }), '')).toEqual([
      'option  type     default',
      'size    below    required',
      'n       integer  required',
      'size: "SiT-S/2" | "SiT-B/2" | "SiT-L/2" | "SiT-XL/2"',
    ]);
  });

  it('says so when there are none', () => {
    expect(formatOptions(rowsOf({}), '  ')).toEqual(['  (no options)']);
  });
});
