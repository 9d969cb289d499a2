#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'lib', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error('slipway is not built: run "npm run build" in its folder');
  process.exit(1);
}
// The reader went away (`slipway catalog models | head`): there is nobody left to tell.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`error  standard output cannot be written: ${error.message}`);
  process.exit(1);
});
require(main)
  .main(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  });
