/** The other end of `bulk.ts`: reads the lines that a peer has put into its ring. */
import { SpoolReader } from '../io/spool-reader.ts'
import type { Link, Separator } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { LINES } from './bulk.ts'

/**
 * Takes what the peer says of its ring.
 * @param take gets whole lines, in the order in which they were said, and calls `done` when their memory may be reused
 */
export function readBulk(
  link: Link,
  info: PeerInfo,
  take: (lines: Buffer, separator: Separator, done: () => void) => void,
): void {
  if (info.transport !== 'local') return
  let reader: SpoolReader | undefined
  const hear = (message: Message) => {
    if (message.type === 'spool' && reader === undefined) {
      reader = SpoolReader.open(message.spool)
      if (reader !== undefined) link.say({ type: 'borrow', stream: LINES })
    } else if (message.type === 'lines') {
      const { end, bytes, seat, separator } = message
      const lines = reader?.read({ end, length: bytes, seat })
      // We were given up, or it is not what it said: what cannot be read is lost, and so is the peer.
      if (lines === undefined) return link.destroy()
      take(lines.data, separator, lines.release)
      link.say({ type: 'progress', stream: LINES, bytes: end })
    }
  }
  link.on('message', hear)
  link.on('close', () => reader?.close())
}
