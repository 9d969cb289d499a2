export { argoFaults, argoOrder, waveOf } from './argo-cd';
export { fluxFaults } from './flux';
