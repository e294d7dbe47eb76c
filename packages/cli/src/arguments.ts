import { type Guidance, HasteError } from '@hastejs/plugin-api';
import { InvalidArgumentError } from 'commander';

/** Readers of flag values. What they refuse is a usage error that names the flag. */

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
}

export function countingNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}

/** `scale`, `scale:low:high`: guidance while low ≤ t ≤ high. */
export function guidance(text: string): Guidance {
  const parts = text.split(':').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [scale = NaN, low = 0, high = 1] = parts;
  const legal = (parts.length === 1 || parts.length === 3) && scale >= 0 && 0 <= low && low <= high && high <= 1;
  if (legal && Number.isFinite(scale)) return { scale, low, high };
  throw new InvalidArgumentError('Write scale or scale:low:high with 0 ≤ low ≤ high ≤ 1, for example 1.65:0:0.72.');
}

/** `3,Bag,T-shirt/top`: numbers or names, resolved once the class names are known. */
export function commaList(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => part !== '')) return parts;
  throw new InvalidArgumentError('Separate the items by single commas, for example 0,3.');
}

/** Class indices of what a person wrote: an index or, whatever its case, a name. A name wins over an index. */
export function classIndices(wanted: readonly string[], names: readonly string[]): number[] {
  return wanted.map((text) => {
    const named = names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
    const index = named >= 0 ? named : /^\d+$/.test(text) ? Number(text) : -1;
    if (index >= 0 && index < names.length) return index;
    throw new HasteError('USAGE', {
      what: `There is no class "${text}".`,
      where: '--classes',
      fix: `Choose among ${names.map((name, number) => `${number} (${name})`).join(', ')}.`,
    });
  });
}
