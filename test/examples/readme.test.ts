import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../src/cli/main';
import { summaryTable } from '../../src/fleet/report';
import { renderExamples } from './render-examples';

const README = join(__dirname, '../../README.md');
const BLOCK = /<!-- output of (.+) -->\n```\n([\s\S]*?)```\n/g;

/** What a command prints on standard output and error, with trailing blanks removed. */
async function outputOf(command: string): Promise<string> {
  const printed: string[] = [];
  const keep = (text: string | Uint8Array) => {
    printed.push(String(text));
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(keep),
    jest.spyOn(process.stderr, 'write').mockImplementation(keep),
  ];
  try {
    if (command === 'synth') keep(`${summaryTable(renderExamples().decisions, false)}\n`);
    else await main(command.split(' ').slice(1));
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = 0;
  }
  return (
    printed
      .join('')
      .replace(/[ \t]+$/gm, '')
      .replace(/^\n+|\n+$/g, '') + '\n'
  );
}

test('the README shows what the commands print: else run "UPDATE_README=1 npx jest readme"', async () => {
  const text = readFileSync(README, 'utf8');
  let current = text;
  for (const [block, command = ''] of text.matchAll(BLOCK)) {
    current = current.replace(
      block,
      `<!-- output of ${command} -->\n\`\`\`\n${await outputOf(command)}\`\`\`\n`,
    );
  }
  expect([...text.matchAll(BLOCK)]).toHaveLength(3);
  if (process.env['UPDATE_README'] !== undefined) writeFileSync(README, current);
  else expect(text).toBe(current);
});
