import { Cluster, Fleet, Workspace } from '../../src';
import { InvalidInputError } from '../../src/spec/problem';
import { own, readText } from './marked';

/** Names that every JavaScript object answers to. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

describe.each(INHERITED)('the name %s, which every object inherits', (name) => {
  it('is an annotation and a label like any other', () => {
    const { problems } = readText(own(`  annotations: {${name}: x}\ninference: {preset: {name: phi-4}}\n`));
    expect(problems.map(({ code }) => code)).toEqual(name.startsWith('__') ? ['invalid-label'] : []);
  });

  it('is no option of vLLM', () => {
    const fleet = new Fleet();
    new Workspace(new Cluster(fleet, 'prod'), 'chat', {
      inference: { preset: { name: 'phi-4' }, config: { vllm: Object.fromEntries([[name, 1]]) } },
    });
    const problems = problemsOf(fleet);
    expect(problems).toContainEqual(expect.objectContaining({ severity: 'error', code: 'unknown-option' }));
    expect(problems.map(({ code }) => code)).not.toContain('secret-value');
  });
});

function problemsOf(fleet: Fleet) {
  try {
    return fleet.render().problems;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}
