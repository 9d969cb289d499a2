import type { SizingAnswer, SizingRequest } from '../sizing/placement';
import { size } from '../sizing/size';

/** Sizing that remembers its answers: a fleet asks the same question for each of many Workspaces alike. */
export class Sizer {
  private readonly answers = new Map<string, SizingAnswer>();

  /** As `size`. */
  size(request: SizingRequest): SizingAnswer {
    const { model, machines, ...wishes } = request;
    // Own nodes have no type in the catalogue: what they are is part of the question, and of the answer.
    const names = machines.map(({ name, gpu, vcpus, memoryBytes }) =>
      [name, gpu.count, gpu.usableBytes, gpu.computeCapability, vcpus, memoryBytes].join(':'),
    );
    const key = `${model.name} ${names.join()} ${JSON.stringify(wishes)}`;
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const answer = size(request);
    this.answers.set(key, answer);
    return answer;
  }
}
