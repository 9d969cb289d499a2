/** The module as it loads in a process with `environment`: picocolors decides once, when it is loaded. */
function colorsWith(environment: Record<string, string>): typeof import('../../src/spec/colors') {
  const before = process.env;
  process.env = environment;
  try {
    let loaded: typeof import('../../src/spec/colors') | undefined;
    jest.isolateModules(() => {
      loaded = jest.requireActual<typeof import('../../src/spec/colors')>('../../src/spec/colors');
    });
    if (loaded === undefined) throw new Error('the module did not load');
    return loaded;
  } finally {
    process.env = before;
  }
}

describe('colours', () => {
  test.each([{}, { isTTY: false }])('are kept out of a pipe, in CI too (%j)', (output) => {
    const { colorsFor } = colorsWith({ CI: 'true' });
    expect(colorsFor(output).bold('text')).toBe('text');
  });

  test('are written to a terminal', () => {
    const { colorsFor } = colorsWith({ CI: 'true' });
    expect(colorsFor({ isTTY: true }).bold('text')).not.toBe('text');
  });

  test('are left out of a terminal whose user asked for none', () => {
    const { colorsFor } = colorsWith({ CI: 'true', NO_COLOR: '1' });
    expect(colorsFor({ isTTY: true }).bold('text')).toBe('text');
  });
});
