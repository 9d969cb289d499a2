import type { ImageUser } from '../../security';

/** The account of Slipway's own runtime image. */
export const SLIPWAY_USER: ImageUser = { uid: 65532, gid: 65532, name: 'nonroot', home: '/home/nonroot' };
