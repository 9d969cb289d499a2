export { checkInference } from './check';
export { synthesizeBodyBasedRouter } from './gateway/body-based-router';
export { diskBytesOf } from './disk';
export { synthesizeInference } from './inference';
export { totalNodes } from './nodes';
export { gatewayOf } from './operations/route';
export { servedNames } from './serving-pods';
export { checkTemplate, synthesizeTemplate } from './template';
export { checkTunable, checkTuning, rankOf, synthesizeTuning, trainingRequest } from './tuning';
