import { z } from 'zod';
import { deprecated, deprecationText } from './deprecation.js';

it('marks an option for editors and for Haste, and keeps its words, default and checks', () => {
  const size = deprecated(z.int().min(2).default(4).describe('How many.'), { since: '1.2.0', use: 'window' });
  const schema = z.toJSONSchema(z.strictObject({ size }), { io: 'input' });
  expect(schema.properties!['size']).toMatchObject({
    deprecated: true,
    hasteDeprecation: { since: '1.2.0', use: 'window' },
    description: 'How many.',
    default: 4,
    minimum: 2,
  });
  expect([size.parse(undefined), size.safeParse(1).success]).toEqual([4, false]);
});

it('leaves the schema that it was given as it was', () => {
  const shared = z.int().optional();
  deprecated(shared, { since: '1.2.0', use: 'window' });
  expect(z.toJSONSchema(z.strictObject({ shared }), { io: 'input' }).properties!['shared']).not.toHaveProperty(
    'deprecated',
  );
});

it('keeps its mark under a wrapper that comes after', () => {
  const size = deprecated(z.int(), { since: '1.2.0', use: 'window' }).optional().describe('How many.');
  const schema = z.toJSONSchema(z.strictObject({ size }), { io: 'input' });
  expect(schema.properties!['size']).toMatchObject({ deprecated: true, description: 'How many.' });
});

it('says since when, what to use, and when it goes', () => {
  expect(deprecationText({ since: '1.2.0', use: 'window' })).toBe('deprecated since 1.2.0: use window');
  expect(deprecationText({ since: '1.2.0', use: 'x', until: '2.0.0' })).toMatch(/: use x \(it goes in 2\.0\.0\)$/);
});
