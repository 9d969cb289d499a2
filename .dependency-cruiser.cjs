// Which room may import which: a room sees only the rooms before it in this list (design.md, "The way of the data").
const ROOMS = [
  'spec',
  'catalog',
  'sizing',
  'workload',
  'capacity',
  'gitops',
  'admission',
  'fleet',
  'review',
  'provisioner',
  'cli',
];
// Rooms of facts and arithmetic: no cdk8s, no Kubernetes or Azure client.
const PURE = '^src/(spec|catalog|sizing)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...ROOMS.map((room, index) => ({
      name: `${room}-sees-only-earlier-rooms`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${[...ROOMS.slice(index + 1), 'index\\.ts'].join('|')})` },
    })).filter((rule) => !rule.to.path.endsWith('()')),
    {
      name: 'provisioner-stands-alone',
      comment: 'The in-cluster program must not drag the synthesizer into its image.',
      severity: 'error',
      from: { path: '^src/provisioner/' },
      to: { path: '^src/(sizing|workload|capacity|gitops|admission|fleet|review)/' },
    },
    {
      name: 'pure-rooms',
      severity: 'error',
      from: { path: PURE },
      to: { path: 'node_modules/(cdk8s|cdk8s-plus-28|constructs|@kubernetes|@azure)' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
