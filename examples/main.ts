// The example fleet: `npx cdk8s synth` renders it into gitops/.
import { exampleFleet } from './fleet';

exampleFleet().synth();
