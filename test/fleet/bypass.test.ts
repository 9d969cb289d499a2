import { Cluster, Fleet, InvalidInputError, Workspace, type Problem, type WorkspaceProps } from '../../src';

/** 27 GiB of weights, on one GPU of 24. */
const tight = (bypassResourceChecks: boolean, changes: Partial<WorkspaceProps['resource']> = {}) => ({
  resource: { instanceType: 'Standard_NV36ads_A10_v5', count: 1, bypassResourceChecks, ...changes },
  inference: { preset: { name: 'phi-4' } },
});

function render(props: WorkspaceProps) {
  const fleet = new Fleet();
  new Workspace(new Cluster(fleet, 'prod'), 'chat', props);
  return fleet.render();
}

function errorsOf(props: WorkspaceProps): readonly Problem[] {
  try {
    render(props);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

describe('resource.bypassResourceChecks', () => {
  it('has a model run that does not fit, and says what is missing', () => {
    expect(errorsOf(tight(false))).toMatchObject([{ severity: 'error', code: 'weights-too-large' }]);
    const { decisions, problems } = render(tight(true));
    expect(decisions).toMatchObject([
      { placement: { nodes: 1, gpusPerNode: 1, tensorParallel: 1, maxContext: 2048, ledger: [] } },
    ]);
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'weights-too-large', next: expect.stringContaining('smallest') as string },
    ]);
  });

  it('keeps the order of a list, whichever of it fits', () => {
    const instanceType = ['Standard_NV36ads_A10_v5', 'Standard_NC24ads_A100_v4'];
    const [decision] = render(tight(true, { instanceType })).decisions;
    expect(decision?.candidates.map(({ machine }) => machine.name)).toEqual(instanceType);
  });

  it('has a training run that does not fit', () => {
    const tuning = {
      resource: { instanceType: 'Standard_NV36ads_A10_v5', bypassResourceChecks: true },
      tuning: {
        preset: { name: 'phi-4' },
        input: { urls: ['https://data.example.com/a.parquet'] },
        output: { image: 'registry.example.com/out:1', imagePushSecret: 'push' },
      },
    };
    expect(render(tuning).problems).toMatchObject([{ severity: 'warning', code: 'weights-too-large' }]);
  });

  it('makes nothing of a machine type that cannot be bought', () => {
    expect(errorsOf(tight(true, { instanceType: 'Standard_NC6s_v3' }))).toMatchObject([
      { severity: 'error', code: 'retired-machine-type' },
    ]);
  });
});
