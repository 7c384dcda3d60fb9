import { wellKnown } from '@sallyport/resource-server/next';
import { guard } from '../../../../lib/guard.ts';

export const { GET, HEAD, OPTIONS } = wellKnown(guard);
