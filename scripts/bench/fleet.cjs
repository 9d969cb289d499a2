// One measured synthesis, in a process of its own: `node fleet.cjs COUNT FOLDER` prints a line of JSON with the milliseconds
// of each stage and the peak memory. Runs on the built package, as users do.
'use strict';
const started = process.hrtime.bigint();
const count = Number(process.argv[2]);
const folder = process.argv[3];

let last = started;
const stages = {};
/** Milliseconds since the last lap. */
function lap(stage) {
  const now = process.hrtime.bigint();
  stages[stage] = Number(now - last) / 1e6;
  last = now;
}

const { Cluster, Fleet, Workspace } = require('../../lib');
const { writeTree } = require('../../lib/gitops/write-tree');
stages.boot = process.uptime() * 1000;
last = process.hrtime.bigint();

const fleet = new Fleet();
const cluster = new Cluster(fleet, 'bench', { cloud: 'azure', region: 'eastus' });
for (let index = 0; index < count; index += 1) {
  new Workspace(cluster, `w${index}`, {
    namespace: `team-${index % 50}`,
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
  });
}
lap('construct');
const { tree } = fleet.render();
lap('render');
writeTree(folder, tree);
lap('write');

process.stdout.write(
  `${JSON.stringify({ stages, files: tree.size, maxRssMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
);
