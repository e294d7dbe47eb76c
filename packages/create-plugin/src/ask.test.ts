import { resolve } from 'node:path';
import { readArguments } from './arguments.js';
import { type Choice, type Prompts, completeAnswers } from './ask.js';

/** Answers every question by what its text begins with, and remembers them. */
function prompts(answers: Readonly<Record<string, string>>): Prompts & { readonly asked: string[] } {
  const asked: string[] = [];
  const find = (question: string): string | undefined => {
    asked.push(question);
    return Object.entries(answers).find(([start]) => question.startsWith(start))?.[1];
  };
  return {
    asked,
    select: async <T>(question: string, choices: readonly Choice<T>[]) => {
      const label = find(question);
      return (choices.find((choice) => choice.label === label) ?? choices[0]!).value;
    },
    text: async (question, byDefault, check) => {
      const answer = find(question) ?? byDefault;
      if (check?.(answer)) throw new Error(`refused: ${check(answer)}`);
      return answer;
    },
  };
}

const complete = (argv: string[], given: Prompts | null) => completeAnswers(readArguments(argv), given, '/projects');

describe('what is asked', () => {
  it('is all that the command line leaves open', async () => {
    const given = prompts({ 'What kind': 'metric', 'What is its package': '@me/spread', 'Who holds': 'Ada' });
    const answers = await complete(['--description', 'Spread.'], given);
    expect(answers).toMatchObject({
      kind: { flag: 'metric' },
      names: { packageName: '@me/spread', id: 'metric/spread' },
      description: 'Spread.',
      author: 'Ada',
      license: 'MIT',
      folder: resolve('/projects/spread'),
    });
    expect(given.asked).toHaveLength(4);
  });

  it('is nothing with --yes, or when all is given', async () => {
    const given = prompts({});
    const answers = await complete(['haste-log', '--kind', 'logger', '--yes', '--dir', 'elsewhere'], given);
    expect(answers).toMatchObject({ author: 'the authors of haste-log', folder: resolve('/projects/elsewhere') });
    expect(answers.description).toMatch(/^A Haste run logger: .*CSV/);
    expect(given.asked).toEqual([]);
  });

  it('is not a wrong name once more: it ends before the first question', async () => {
    const given = prompts({});
    await expect(complete(['Bad Name'], given)).rejects.toThrow(/"Bad Name" cannot be the name of a package/);
    expect(given.asked).toEqual([]);
  });

  it('must be on the command line where nobody can be asked', async () => {
    await expect(complete(['haste-x'], null)).rejects.toThrow(/has no kind.*--kind with one of teacher, /s);
    await expect(complete(['--kind', 'teacher'], null)).rejects.toThrow(/has no name.*--name haste-teacher-gabor/s);
  });
});

describe('the command line', () => {
  it.each([
    [['a', '--name', 'b'], /one name, and "a", "b" were given/],
    [['a', 'b'], /one name/],
    [['--kind', 'decoder'], /no kind of plugin called "decoder".*teacher, alignment-loss/s],
    [['--license', 'GPL-9'], /licence "GPL-9" is not at hand.*MIT, Apache-2.0/s],
    [['--force'], /Unknown option '--force'/],
    [['--kind'], /'--kind <value>' argument missing/],
  ])('refuses %j', (argv, why) => {
    expect(() => readArguments(argv)).toThrow(why);
  });

  it('takes the same name twice, and licences in any case', () => {
    expect(readArguments(['a', '--name', 'a', '--license', 'apache-2.0'])).toMatchObject({
      name: 'a',
      license: 'Apache-2.0',
    });
    // The second is what npm hands on of `haste-x --kind trigger` where the lone `--` was forgotten.
    for (const argv of [
      ['trigger', 'haste-x'],
      ['haste-x', 'trigger'],
    ]) {
      expect(readArguments(argv)).toMatchObject({ name: 'haste-x', kind: { flag: 'trigger' } });
    }
    expect(readArguments(['trigger'])).toMatchObject({ name: 'trigger' });
    expect(readArguments(['--license', 'none']).license).toBe('UNLICENSED');
  });
});
