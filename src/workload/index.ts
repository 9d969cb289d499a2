export { checkInference } from './check';
export { synthesizeBodyBasedRouter } from './gateway/body-based-router';
export { gatewayOf } from './gateway/parent';
export { diskBytesOf } from './disk';
export { synthesizeInference } from './inference';
export { replicasOf, totalNodes } from './nodes';
export { servedNames } from './serving-pods';
export { checkTemplate, synthesizeTemplate } from './template';
export { checkTunable, checkTuning, rankOf, synthesizeTuning, trainingRequest } from './tuning';
