import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface MarkdownLink {
  /** The document, relative to the folder. */
  readonly file: string;
  readonly link: string;
  /** What is wrong with it; null where it leads somewhere, or elsewhere than into the folder. */
  readonly fault: string | null;
}

/**
 * The links of documents as a reader of the repository follows them: files must be there, and anchors be headings by the rule that
 * GitHub makes them by (lower case, spaces to hyphens, no punctuation, a number behind the second of a name).
 * @param root the folder that documents are in and links stay in.
 * @param files relative to it.
 */
export function markdownLinks(root: string, files: readonly string[]): MarkdownLink[] {
  const links = (file: string) => [...prose(root, file).matchAll(/\]\((?:<([^>]*)>|([^)\s]+))[^)]*\)/g)];
  return files.flatMap((file) =>
    links(file).map(([, bracketed, bare]) => {
      const link = bracketed ?? bare!;
      return { file, link, fault: faultOf(root, file, link) };
    }),
  );
}

function faultOf(root: string, file: string, link: string): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return null;
  const [path, anchor] = link.split('#') as [string, string?];
  const target = path === '' ? file : normalize(join(dirname(file), path));
  if (target.startsWith('..')) return 'leaves the repository';
  if (!existsSync(join(root, target))) return 'is not there';
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(root, target).has(anchor) ? null : 'names no heading of that document';
}

function anchorsOf(root: string, file: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...readText(root, file).matchAll(/^#{1,6} +(.*?) *#*$/gm)];
  const anchors = headings.map(([, heading]) => {
    const words = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
  return new Set(anchors);
}

/** Without code blocks, whose lines may look like headings, and comments. */
function readText(root: string, file: string): string {
  const text = readFileSync(join(root, file), 'utf8');
  return text.replaceAll(/<!--[^]*?-->/g, '').replaceAll(/^([ \t]*)(```+)[^]*?^\1\2/gm, '');
}

/** Without code in lines either: what looks like a link in it is not one. */
const prose = (root: string, file: string): string => readText(root, file).replaceAll(/`[^`\n]*`/g, '');
