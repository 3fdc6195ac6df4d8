/** Being observed: answers to those who look, and do what they ask where they may. */
import { Link } from '../protocol/link.ts'
import { isHere, type PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import type { Counters } from './counters.ts'

/** What an observer may ask of a verb. */
export interface Observed {
  readonly counters: Counters
  /** Ends the verb as a signal would, with this reason. */
  cut(reason: string): void
}

/** An observer that does not read its answers gets no more of them. */
const UNREAD_BYTES_MAX = 16_384

/**
 * @param say shows a line that an observer says to this peer alone
 */
export function answerObservers(
  swarm: Swarm,
  observed: Observed,
  say: (info: PeerInfo, text: string) => void,
): void {
  swarm.on('observer', (stream, info) => {
    const link = new Link(stream)
    link.on('message', (message) => {
      if (message.type === 'ask' && stream.writableLength <= UNREAD_BYTES_MAX) {
        link.say(observed.counters.tell(message.number))
      } else if (message.type === 'say') say(info, message.text)
      else if (message.type === 'cut' && isHere(info)) observed.cut(`cut by ${info.name}`)
    })
  })
}
