// Ids that sort by when they were made, so that rows of one second still have an order.
import { fillRandom } from './random.ts';

const COUNTER_LIMIT = 0x1000;
let lastMilliseconds = 0;
let counter = 0;

/**
 * A UUID of version 7 with a counter after the milliseconds (RFC 9562 §5.7, §6.2 method 1): within one process every id
 * sorts after the one before, also when the clock goes back. Its 62 random bits make it unguessable enough for a name,
 * not for a secret.
 */
export function orderedId(): string {
  const milliseconds = Date.now();
  if (milliseconds > lastMilliseconds) {
    lastMilliseconds = milliseconds;
    counter = 0;
  } else if (++counter === COUNTER_LIMIT) {
    lastMilliseconds += 1;
    counter = 0;
  }
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(lastMilliseconds, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  fillRandom(bytes, 8);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
