import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SOURCES = join(__dirname, '../../src');
/** Files whose exported types are what a user writes: those that the public API passes on whole, and the fleet's. */
const FILES = [
  ...readFileSync(join(SOURCES, 'index.ts'), 'utf8').matchAll(/^export type \* from '\.\/(.+)';$/gm),
]
  .flatMap(([, file]) => (file === undefined ? [] : `${file}.ts`))
  .concat('fleet/fleet.ts', 'gitops/repository.ts');

interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  readonly hasSentence: boolean;
  readonly hasDefault: boolean;
}

/** Members of the interfaces of `file`, nested ones included. */
function membersOf(file: string): Member[] {
  const path = join(SOURCES, file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const members: Member[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isPropertySignature(node)) {
      const name = `${owner}.${node.name.getText(source)}`;
      const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
      const tags = ts.getJSDocTags(node).map(({ tagName }) => tagName.text);
      members.push({
        name,
        isOptional: node.questionToken !== undefined,
        hasSentence: docs.some(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? '').trim() !== ''),
        hasDefault: tags.includes('default'),
      });
      ts.forEachChild(node, (child) => {
        visit(child, name);
      });
      return;
    }
    ts.forEachChild(node, (child) => {
      visit(child, owner);
    });
  };
  for (const statement of source.statements) {
    // Beside classes stand interfaces that the API does not pass on.
    const isPublic = file.startsWith('spec/') || statement.getText(source).includes('Props {');
    if (isPublic && ts.isInterfaceDeclaration(statement)) visit(statement, statement.name.text);
  }
  return members;
}

describe.each(FILES)('what a user writes, in %s', (file) => {
  const members = membersOf(file);

  test('is described, member by member', () => {
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter(({ hasSentence }) => !hasSentence).map(({ name }) => name)).toEqual([]);
  });

  test('says what holds when it is left out', () => {
    const silent = members.filter(({ isOptional, hasDefault }) => isOptional && !hasDefault);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
