import { classIndices, commaList, countingNumber, guidance, wholeNumber } from './arguments.js';

describe('flag values', () => {
  it('reads guidance with and without an interval', () => {
    expect(guidance('1.65:0:0.72')).toEqual({ scale: 1.65, low: 0, high: 0.72 });
    expect(guidance('2')).toEqual({ scale: 2, low: 0, high: 1 });
  });

  it.each(['', 'x', '1:0', '1:0.8:0.2', '1:-1:1', '1:0:2', '-1', '1::', 'Infinity', '1:0:1:0'])(
    'refuses guidance %p',
    (text) => expect(() => guidance(text)).toThrow('scale:low:high'),
  );

  it.each(['', '-1', '1.5', 'ten', '1e99', ' '])('refuses %p as a whole number', (text) =>
    expect(() => wholeNumber(text)).toThrow('whole number'),
  );

  it('counts from 1 where nothing makes no sense', () => {
    expect(wholeNumber('0')).toBe(0);
    expect(countingNumber('12')).toBe(12);
    expect(() => countingNumber('0')).toThrow('1 or more');
  });

  it('splits lists at commas', () => {
    expect(commaList('0, Bag,T-shirt/top')).toEqual(['0', 'Bag', 'T-shirt/top']);
    expect(() => commaList('0,,3')).toThrow('commas');
  });
});

describe('classIndices', () => {
  const names = ['T-shirt/top', 'Bag', '0'];

  it('takes names in any case and numbers, names first', () => {
    expect(classIndices(['bag', '1', 't-shirt/TOP', '0'], names)).toEqual([1, 1, 0, 2]);
  });

  it.each(['3', 'Shoe', '-1', '1.0', ''])('names the classes there are when asked for %p', (text) => {
    expect(() => classIndices([text], names)).toThrow(/There is no class ".*"[^]*0 \(T-shirt\/top\), 1 \(Bag\)/);
  });
});
