export { checkInference } from './check';
export { diskBytesOf } from './disk';
export { synthesizeInference } from './inference';
export { totalNodes } from './nodes';
export { checkTemplate, synthesizeTemplate } from './template';
export { checkTunable, checkTuning, rankOf, synthesizeTuning, trainingRequest } from './tuning';
