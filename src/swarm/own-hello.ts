/** Our own hello, as it is said on each way to a topic. */
import { limits } from '../limits.ts'
import type { Hello } from '../protocol/hello.ts'
import type { Topic } from '../topic.ts'
import type { Way } from './way.ts'

export interface Roles {
  /** Be findable, and accept. */
  readonly server: boolean
  /** Look for others, and dial. */
  readonly client: boolean
  /** Kinds of content that we take on this topic, … */
  readonly reads: readonly string[]
  /** … and give. */
  readonly writes: readonly string[]
}

/** Our own hello, without what the topic, the roles and the transport add. */
export type Self = Omit<Hello, 'kind' | 'server' | 'client' | 'reads' | 'writes'>

export class OwnHello {
  readonly #self: Self
  readonly #topic: Topic | undefined
  readonly #ways: readonly Way[]
  readonly #ofStream: Hello
  /** What was said last, on each way, and what it was made of. */
  readonly #last = new Map<
    Way,
    { readonly roles: Roles; readonly addresses: readonly (string | undefined)[]; readonly hello: Hello }
  >()

  /** @param ways all of the topic; the others are marked in what is said on one */
  constructor(self: Self, topic: Topic | undefined, ways: readonly Way[]) {
    this.#self = self
    this.#topic = topic
    this.#ways = ways
    const { peer, name, verb } = self
    const nothing = { server: false, client: false, observer: false, reads: [], writes: [] }
    this.#ofStream = { kind: 'stream', peer, name, verb, ...nothing, ...(topic && { topic: topic.hex }) }
  }

  /** The hello of a link on this way. It is the same object, and so encoded once, until a role or an address changes. */
  on(way: Way, roles: Roles): Hello {
    const last = this.#last.get(way)
    const isSame =
      last?.roles === roles && this.#ways.every(({ address }, at) => address === last.addresses[at])
    if (last !== undefined && isSame) return last.hello
    const hello = this.#make(way, roles)
    this.#last.set(way, { roles, addresses: this.#ways.map(({ address }) => address), hello })
    return hello
  }

  /**
   * The hello of a stream, short: the link has told all else. What an acceptor says is the same object each time.
   * @param stream the number in the peer's offer, from who asks for it
   */
  ofStream(stream?: number): Hello {
    if (stream !== undefined) return { ...this.#ofStream, stream }
    return this.#ofStream
  }

  #make(way: Way, roles: Roles): Hello {
    const { address } = way
    const topic = this.#topic
    const others = this.#ways.filter((other) => other !== way)
    return {
      kind: 'link',
      ...this.#self,
      ...(topic !== undefined && { topic: topic.hex }),
      ...(topic !== undefined && isToTell(topic.name) && { topicName: topic.name }),
      ...(address !== undefined && { address }),
      ...(others.length > 0 && { elsewhere: others.flatMap(({ mark }) => mark ?? []) }),
      ...roles,
    }
  }
}

function isToTell(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= limits.topicNameBytes
}
