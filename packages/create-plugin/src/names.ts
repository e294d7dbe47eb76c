import { isBuiltin } from 'node:module';
import { CreateError } from './create-error.js';
import type { PluginKind } from './kinds.js';

/** Every name that a plugin goes by, from the one that people give. */
export interface Names {
  /** On npm: `haste-teacher-gabor`, `@me/gabor`. */
  readonly packageName: string;
  /** Folder that it is written to unless another is named: the package's name without its scope. */
  readonly folder: string;
  /** Of the extension: `teacher/gabor`. */
  readonly id: string;
  /** The part of the id after the slash. */
  readonly shortName: string;
  /** What recipes import: `gaborTeacher`. */
  readonly exportName: string;
}

const LONGEST = 214;
const PART = /^[a-z0-9][a-z0-9._-]*$/;
const FIX = 'Take a name such as haste-teacher-gabor or @me/gabor: lower-case letters, digits, "-", "." and "_".';

/** Why npm would not take a package of this name, as the end of a sentence; undefined when it would. */
export function nameFault(packageName: string): string | undefined {
  if (packageName === '') return 'it is empty';
  if (packageName.length > LONGEST) return `it has ${packageName.length} characters, and npm takes ${LONGEST}`;
  if (/[A-Z]/.test(packageName)) return 'it has capital letters, and npm takes none';
  if (/\s/.test(packageName)) return 'it has a space in it';
  const [scope, name, ...more] = packageName.startsWith('@') ? packageName.slice(1).split('/') : ['', packageName];
  if (name === undefined || more.length > 0) return 'a scoped name is @scope/name';
  const parts = packageName.startsWith('@') ? [scope!, name] : [name];
  const wrong = parts.find((part) => !PART.test(part));
  if (wrong === '') return 'a part of it is empty';
  if (wrong !== undefined) return `"${wrong}" is not a word of letters, digits, "-", "." and "_" that npm takes`;
  if (name === 'node_modules' || name === 'favicon.ico') return "the name is npm's own";
  if (isBuiltin(packageName)) return 'Node has a module of that name';
  if (shortened(name) === '') return 'nothing is left of it without "haste" and "plugin"';
  return undefined;
}

/** @throws CreateError for a name that npm would refuse. */
export function namesOf(packageName: string, { flag, prefix, suffix }: PluginKind): Names {
  const fault = nameFault(packageName);
  if (fault !== undefined) throw new CreateError(`"${packageName}" cannot be the name of a package: ${fault}.`, FIX);
  const folder = packageName.split('/').at(-1)!;
  const shortName = withoutPrefix(withoutPrefix(shortened(folder), flag), prefix);
  const words = shortName.split(/[^a-z0-9]+/).filter((word) => word !== '');
  const camel = words.map((word, index) => (index === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
  // An identifier begins with a letter.
  const head = /^[0-9]/.test(camel) ? `n${camel}` : camel;
  return { packageName, folder, id: `${prefix}/${shortName}`, shortName, exportName: `${head}${suffix}` };
}

/** `haste-plugin-gabor` and `gabor-plugin` are about gabor. */
function shortened(name: string): string {
  const words = name.split(/[^a-z0-9]+/).filter((word) => word !== '');
  return words.filter((word) => word !== 'haste' && word !== 'hastejs' && word !== 'plugin').join('-');
}

/** `teacher-gabor` is `teacher/gabor`, `alignment-loss-huber` is `loss/huber`; a name that is the prefix alone stays. */
function withoutPrefix(name: string, prefix: string): string {
  const rest = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : name;
  return rest === '' ? name : rest;
}
