import { parseArgs } from 'node:util';
import { CreateError } from './create-error.js';
import { PLUGIN_KINDS, type PluginKind, kindOf } from './kinds.js';
import { LICENCES, type Licence, licenceOf } from './licences.js';

/** What the command line says. What it leaves open is asked for, or has a default. */
export interface Arguments {
  readonly kind?: PluginKind;
  readonly name?: string;
  readonly dir?: string;
  readonly description?: string;
  readonly author?: string;
  readonly license?: Licence;
  /** Ask nothing: defaults for all that is not given. */
  readonly yes: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const options = {
  kind: text,
  name: text,
  dir: text,
  description: text,
  author: text,
  license: text,
  yes: { ...flag, short: 'y' },
  help: { ...flag, short: 'h' },
  version: { ...flag, short: 'V' },
} as const;

const HELP_FIX = 'See `npm create @hastejs/plugin -- --help`. npm hands flags on after a lone `--`.';

/** @throws CreateError for a flag, kind or licence that there is not, or a second name. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parsed(argv);
  const { kind: said, license, name: named, ...rest } = values;
  const given = [...new Set([...positionals, ...(named === undefined ? [] : [named])])];
  // `npm create … name --kind trigger` without a lone `--`: npm keeps the flag and hands on its value.
  const bare =
    said === undefined && given.length === 2 ? given.find((word) => kindOf(word) && word !== named) : undefined;
  const names = given.filter((word) => word !== bare);
  const kind = said ?? bare;
  if (names.length > 1) {
    throw new CreateError(
      `A plugin has one name, and ${names.map((name) => `"${name}"`).join(', ')} were given.`,
      HELP_FIX,
    );
  }
  return {
    ...rest,
    ...(names.length === 1 && { name: names[0]! }),
    ...(kind !== undefined && { kind: checkedKind(kind) }),
    ...(license !== undefined && { license: checkedLicence(license) }),
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const { message } = error as Error;
    throw new CreateError(message.split('. To specify')[0]!.replace(/\.?$/, '.'), HELP_FIX, error);
  }
}

/** @throws CreateError with every kind there is. */
export function checkedKind(given: string): PluginKind {
  const kind = kindOf(given);
  if (kind) return kind;
  throw new CreateError(
    `There is no kind of plugin called "${given}".`,
    `Take one of ${PLUGIN_KINDS.map(({ flag }) => flag).join(', ')}.`,
  );
}

function checkedLicence(given: string): Licence {
  const licence = licenceOf(given);
  if (licence) return licence;
  throw new CreateError(
    `The text of the licence "${given}" is not at hand.`,
    `Take one of ${LICENCES.join(', ')}; any other can be put in its place afterwards (LICENSE, and "license" in package.json).`,
  );
}

export function helpText(): string {
  const width = Math.max(...PLUGIN_KINDS.map(({ flag }) => flag.length));
  const kinds = PLUGIN_KINDS.map(({ flag, template }) => `  ${flag.padEnd(width)}  ${template}`);
  return `npm create @hastejs/plugin [kind] [name] [-- flags]

Writes a Haste plugin that builds, passes its contract tests, lints and trains, to be changed into your own.
On a terminal it asks for what is not given.

Kinds, and what the template of each is:
${kinds.join('\n')}

Flags:
  --kind <kind>          one of the kinds above (or as an argument beside the name)
  --name <name>          of the npm package, such as haste-teacher-gabor or @me/gabor (or as the first argument)
  --dir <folder>         where to write it; default: a new folder of that name
  --description <text>   one sentence for package.json and the README
  --author <name>        who holds the copyright; default: the authors of the package
  --license <id>         ${LICENCES.join(', ')}; default: MIT
  -y, --yes              ask nothing
  -h, --help             show this
  -V, --version          print the version
`;
}
