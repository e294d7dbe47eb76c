// The reference: every package a module under its npm name, with its README as the page, and links of documents into it.
import { basename, dirname, join, relative } from 'node:path';
import { readFileSync } from 'node:fs';
import { Comment, CommentTag, Converter, MinimalSourceFile, ReflectionKind } from 'typedoc';
import { REPOSITORY } from '../workspaces.mjs';

/** Which heading of the navigation a package is under. */
const groupOf = (directory) => (directory.startsWith('packages/') ? 'Packages' : 'Plugins');

/**
 * Gives modules their names, groups and READMEs, and documents their titles and groups, while TypeDoc converts.
 * @param {import('typedoc').Application} app
 * @param {{ packages: { folder: string, directory: string, manifest: { name: string } }[], pages: { file: string, group: string, stands: string[] }[] }} contents
 * `stands`: paths of the repository that links mean this page by.
 */
export function arrange(app, { packages, pages }) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kind !== ReflectionKind.Module) return;
    const one = packages.find(({ directory }) => reflection.name === `${directory}/src`);
    if (!one) throw new Error(`'${reflection.name}' is a module of no package.`);
    const readme = join(one.folder, 'README.md');
    reflection.name = one.manifest.name;
    const { content } = app.converter.parseRawComment(
      new MinimalSourceFile(withoutTitle(readFileSync(readme, 'utf8')), readme),
      context.project.files,
    );
    reflection.readme = content;
    reflection.comment = new Comment([], [new CommentTag('@group', [{ kind: 'text', text: groupOf(one.directory) }])]);
    const short = basename(one.folder);
    const snapshot = join(REPOSITORY, 'test/api/snapshots', `${short}.api.md`);
    for (const path of [readme, one.folder, join(one.folder, 'src'), snapshot]) {
      context.project.files.registerReflectionPath(path, reflection);
    }
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const path = document.project.files.getReflectionPath(document);
    const page = pages.find(({ file }) => file === path);
    if (!page) throw new Error(`${relative(REPOSITORY, path)} is a page of no group.`);
    document.name = titleOf(page.file);
    document.frontmatter.group = page.group;
    for (const stands of page.stands) document.project.files.registerReflectionPath(join(REPOSITORY, stands), document);
  });
}

/** The page of a package has its name as the title already. */
const withoutTitle = (markdown) => markdown.replace(/^# .*\n+/, '');

function titleOf(file) {
  const title = /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (title === undefined) throw new Error(`${relative(dirname(REPOSITORY), file)} has no title: begin it with '# '.`);
  return title.replaceAll('`', '');
}
