// The command line from its sources, as the image runs it from what is built: the program of the provisioner's pod.
import { main } from '../../../../src/cli/main';

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
