import { readFileSync } from 'node:fs';

/** A code block of a Markdown document. */
export interface Fence {
  readonly file: string;
  /** Of the line that opens it, from 1. */
  readonly line: number;
  /** What is written behind the backticks; empty for plain text. */
  readonly language: string;
  readonly text: string;
  /** The HTML comment right before it, which readers do not see; empty where there is none. */
  readonly mark: string;
}

/** The code blocks of a document, also those within list items. */
export function codeFences(file: string): Fence[] {
  const text = readFileSync(file, 'utf8');
  const pattern = /^([ \t]*)```(\w*)[^\n]*\n([^]*?)^\1```$/gm;
  return [...text.matchAll(pattern)].map(({ index, 1: indent, 2: language, 3: body }) => {
    const before = text.slice(0, index);
    return {
      file,
      line: before.split('\n').length,
      language: language!,
      text: body!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      mark: /<!--((?:(?!-->)[^])*)-->\s*$/.exec(before)?.[1]?.trim() ?? '',
    };
  });
}
