/** Decides whether a peer may be linked: by the program's firewall, and by the room that is left. */
import { isRejectedBy } from '../events.ts'
import type { Refusal } from '../protocol/hello.ts'
import type { PeerInfo } from './peer.ts'

export interface AdmissionOptions {
  readonly maxPeers: number
  /** True rejects the peer; so does an exception. */
  readonly firewall: (info: PeerInfo) => unknown
  /** How many links there are. */
  readonly links: () => number
  readonly onWarning: (message: string) => void
}

export class Admission {
  readonly #options: AdmissionOptions
  /** Peers that were accepted, and have not confirmed their link yet. */
  #reserved = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  get isFull(): boolean {
    return this.#options.links() + this.#reserved >= this.#options.maxPeers
  }

  /** A reason to turn a peer away, whether it dialled or was dialled. */
  reject(info: PeerInfo): Refusal | undefined {
    const { firewall, onWarning } = this.#options
    if (isRejectedBy(() => firewall(info), onWarning))
      return { code: 'firewall', reason: 'turned away by the firewall' }
    if (this.isFull) return { code: 'busy', reason: `${this.#options.maxPeers} peers are there` }
    return undefined
  }

  /** Keeps a place until `release` is called. */
  reserve(): { release(): void } {
    this.#reserved += 1
    const release = () => {
      this.#reserved -= 1
    }
    return { release }
  }
}
