import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { summaryOf, type PoolResult } from '../../src/provisioner/commands/result';
import { combineExitCodes, EXIT, type ExitCode } from '../../src/provisioner/exit-code';

const codes = Object.values(EXIT);
const result: fc.Arbitrary<PoolResult> = fc.record({
  pool: fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/),
  result: fc.constantFrom('created', 'failed', 'not-ready'),
  exitCode: fc.constantFrom<ExitCode>(...codes),
  message: fc.string({ unit: 'grapheme', maxLength: 3000 }),
});

test('a summary fits into a termination message whatever Azure said, and is whole characters', () => {
  fc.assert(
    fc.property(fc.array(result, { maxLength: 60 }), (pools) => {
      const text = summaryOf({ exitCode: combineExitCodes(pools.map(({ exitCode }) => exitCode)), pools });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
      expect(Buffer.from(text).toString()).toBe(text);
      expect(text.startsWith('exit ')).toBe(true);
    }),
  );
});

test('what failed is told first, and what had no room is counted', () => {
  const pools = Array.from({ length: 40 }, (_, index): PoolResult => {
    const failed = index === 39;
    return {
      pool: `gpu${index}`,
      result: failed ? 'failed' : 'created',
      exitCode: failed ? EXIT.unavailable : EXIT.converged,
      message: 'x'.repeat(300),
    };
  });
  const lines = summaryOf({ exitCode: EXIT.unavailable, pools }).split('\n');
  expect(lines[0]).toBe('exit 5: 39 of 40 pools as described');
  expect(lines[1]).toMatch(/^gpu39: failed: x+$/);
  const left = /^\((\d+) more lines in the log\)$/.exec(lines.at(-1) ?? '')?.[1];
  expect(lines.length - 2 + Number(left)).toBe(40);
});

test('the documentation has every exit code, and says of each whether the Job tries again', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'provisioner.md'), 'utf8');
  const section = text.slice(text.indexOf('### Exit codes'), text.indexOf('## What is done about a failure'));
  const rows = [...section.matchAll(/^\| (\d+) \|.*\| *(yes|no)? *\|$/gm)];
  expect(rows.map(([, code]) => Number(code)).sort((a, b) => a - b)).toEqual(
    [...codes].sort((a, b) => a - b),
  );
  const job = readFileSync(join(__dirname, '..', '..', 'src/capacity/aks-agent-pools/job.ts'), 'utf8');
  const hopeless = /HOPELESS_EXIT_CODES = \[([\d, ]+)\]/.exec(job)?.[1]?.split(', ').map(Number);
  expect(rows.flatMap(([, code, again]) => (again === 'no' ? [Number(code)] : []))).toEqual(hopeless);
});
