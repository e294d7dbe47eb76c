// Follows every link of a folder of pages that stays in it: the file must be there, and the anchor in it.
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** @returns {Promise<{ page: string, link: string, why: string }[]>} */
export async function brokenLinks(folder) {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const known = new Set(files);
  const pages = new Map();
  for (const file of files.filter((name) => name.endsWith('.html')))
    pages.set(file, readPage(await readFile(file, 'utf8')));
  const broken = [];
  for (const [file, { links }] of pages) {
    for (const link of links) {
      const why = fault(link, file, known, pages);
      if (why !== null) broken.push({ page: relative(folder, file), link, why });
    }
  }
  return broken;
}

function readPage(html) {
  const all = (pattern) => [...html.matchAll(pattern)].map(([, value]) => decode(value));
  return { links: new Set(all(/\s(?:href|src)="([^"]*)"/g)), anchors: new Set(all(/\sid="([^"]*)"/g)) };
}

function fault(link, file, known, pages) {
  if (/^[a-z][a-z+.-]*:/i.test(link) || link.startsWith('//')) return null;
  const [path, anchor] = link.split('#');
  const target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path.split('?')[0]));
  if (!known.has(target)) return 'is not there';
  if (!anchor || !pages.has(target)) return null;
  return pages.get(target).anchors.has(decodeURIComponent(anchor)) ? null : 'names no place on that page';
}

const decode = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#x2F;', '/');
