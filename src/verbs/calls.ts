/**
 * Calls, seen from who answers them: `exec` and `listen`.
 *
 * A peer asks on the link, is told when a handler is free, and then dials a stream of its own for it.
 */

import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Link } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { IncomingStream, PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Condition } from './context.ts'
import { linked } from './linked.ts'

export interface CallLimits {
  /** Handlers at a time, … */
  readonly max: number
  /** … and for one peer. */
  readonly maxPerPeer: number
  /** A caller beyond the limit waits, or is told busy. */
  readonly busy: 'wait' | 'refuse'
}

export interface CallsOptions extends CallLimits {
  /**
   * Handles one call. `incoming` must be accepted or refused before the first await.
   * @returns what to tell the caller; `undefined` to tell nothing: the caller learns it from our going
   */
  readonly handle: (incoming: IncomingStream, call: IncomingCall) => Promise<Told | undefined>
  /** The same for a call whose record has come over the link; absent: there are none. */
  readonly handleRecord?: ((record: Buffer, call: IncomingCall) => Promise<Told | undefined>) | undefined
}

/**
 * What the caller is told: the exit status, and a reason where there was no command to end; or why the call is given
 * back, to be made elsewhere.
 */
export type Told = { readonly status: number; readonly reason: string } | { readonly givenBack: string }

/** Nobody gets a handler for so long after a call was given back: others are to have it first. */
const REST_MS = 1_000

export class IncomingCall {
  readonly link: Link
  readonly info: PeerInfo
  /** The number of the stream that is dialled for it. */
  readonly stream: number
  stage: 'waiting' | 'granted' | 'running' = 'waiting'
  /** What a stream that is dialled now is for. */
  take: ((incoming: IncomingStream) => void) | undefined
  timer: NodeJS.Timeout | undefined
  endInput = () => {}
  loseInput: (error: SwarmError) => void = () => {}
  /** Resolves when the caller's input has ended as it should; rejects with INCOMPLETE when the caller is lost before that. */
  readonly inputOver = new Promise<void>((resolve, reject) => {
    this.endInput = resolve
    this.loseInput = reject
  })
  readonly #controller = new AbortController()
  /** Aborted when the caller says that the rest of its input will not come; the reason is a SwarmError INCOMPLETE. */
  readonly aborted = this.#controller.signal

  constructor(link: Link, info: PeerInfo, stream: number) {
    this.link = link
    this.info = info
    this.stream = stream
    // `exec` does not wait for it.
    this.inputOver.catch(() => {})
  }

  abortInput(error: SwarmError): void {
    this.loseInput(error)
    this.#controller.abort(error)
  }

  /**
   * Asks for a stream, for a reply that is too long for the link.
   * @throws SwarmError TIMEOUT
   */
  dialled(): Promise<IncomingStream> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new SwarmError('TIMEOUT', `${this.info.name} did not dial for the reply`))
      this.timer = setTimeout(late, limits.helloMs)
      this.take = resolve
      this.link.say({ type: 'ready', stream: this.stream })
    })
  }
}

export class Calls {
  /** To everyone who may call. */
  readonly links: ReadonlySet<Link>
  /** A call has ended. */
  readonly changed = new Condition()
  finished = 0
  readonly #options: CallsOptions
  readonly #calls = new Set<IncomingCall>()
  #open = true
  #rest: NodeJS.Timeout | undefined

  constructor(swarm: Swarm, options: CallsOptions) {
    this.#options = options
    this.links = linked(swarm, (link, info) => this.#hear(link, info))
    swarm.on('stream', (incoming) => this.#take(incoming))
  }

  #hear(link: Link, info: PeerInfo): void {
    // Each handler listens for the link's end.
    link.setMaxListeners(0)
    link.on('message', (message) => {
      if (message.type === 'call') this.#called(link, info, message)
      else if (message.type === 'withdraw')
        this.#forget((call) => call.link === link && call.stream === message.stream)
      else if (message.type === 'end' || message.type === 'abort') this.#inputOver(link, message)
    })
    link.on('record', (stream, record) => this.#given(link, stream, record))
    link.on('close', (_reason, error) => {
      this.#forget((call) => call.link === link)
      for (const call of this.#calls) {
        if (call.link !== link) continue
        if (error) call.loseInput(brokeOff(call, error.message))
        else call.endInput()
      }
    })
  }

  #forget(is: (call: IncomingCall) => boolean): void {
    for (const call of this.#calls) if (call.stage !== 'running' && is(call)) this.#delete(call)
  }

  /** A stream was dialled: for a call that was granted, for the long reply of one, or nobody's. */
  #take(incoming: IncomingStream): void {
    const call = this.#find((one) => one.info.id === incoming.info.id && one.stream === incoming.stream)
    const take = call?.take
    if (call === undefined || take === undefined)
      return incoming.refuse({ code: 'useless', reason: 'this call was not granted' })
    clearTimeout(call.timer)
    call.take = undefined
    take(incoming)
  }

  /** A record came over the link: that of a call that was granted, or it is given back. */
  #given(link: Link, stream: number, record: Buffer): void {
    const { handleRecord } = this.#options
    const call = this.#find((one) => one.link === link && one.stream === stream && one.stage === 'granted')
    if (call === undefined || handleRecord === undefined) return this.#refuse(link, stream)
    clearTimeout(call.timer)
    call.take = undefined
    void this.#run(call, () => handleRecord(record, call))
  }

  /** No more calls: those that wait are told busy. */
  close(): void {
    this.#open = false
    clearTimeout(this.#rest)
    for (const call of this.#calls) {
      if (call.stage === 'running') continue
      this.#refuse(call.link, call.stream)
      this.#delete(call)
    }
  }

  #called(link: Link, info: PeerInfo, { stream }: Extract<Message, { type: 'call' }>): void {
    const call = new IncomingCall(link, info, stream)
    const waiting = this.#count((one) => one.stage === 'waiting')
    const full = !this.#hasRoomFor(call)
    if (!this.#open || waiting >= limits.callsPending || (full && this.#options.busy === 'refuse')) {
      return this.#refuse(link, stream)
    }
    this.#calls.add(call)
    if (full && this.#count((one) => one.info.id !== info.id) > 0) link.say({ type: 'busy', stream })
    this.#grant()
  }

  #inputOver(link: Link, message: Extract<Message, { type: 'end' | 'abort' }>): void {
    const call = this.#find((one) => one.link === link && one.stream === message.stream)
    if (message.type === 'end') call?.endInput()
    else call?.abortInput(brokeOff(call, message.reason))
  }

  #refuse(link: Link, stream: number, why?: string): void {
    const running = this.#count(({ stage }) => stage === 'running')
    const reason = why ?? (this.#open ? `busy with ${running} of ${this.#options.max}` : 'ending')
    link.say({ type: 'abort', stream, bytes: 0, code: 'busy', reason })
  }

  /** Grants what waits, in the order in which it came, as far as there is room. */
  #grant(): void {
    if (this.#rest !== undefined) return
    for (const call of this.#calls) {
      if (call.stage !== 'waiting' || !this.#hasRoomFor(call)) continue
      call.stage = 'granted'
      call.take = (incoming) => void this.#run(call, () => this.#options.handle(incoming, call))
      // Who does not come gives the place back.
      call.timer = setTimeout(() => this.#delete(call), limits.helloMs)
      call.link.say({ type: 'ready', stream: call.stream })
    }
  }

  #hasRoomFor(call: IncomingCall): boolean {
    const taken = (one: IncomingCall) => one.stage !== 'waiting'
    if (this.#count(taken) >= this.#options.max) return false
    return this.#count((one) => taken(one) && one.info.id === call.info.id) < this.#options.maxPerPeer
  }

  async #run(call: IncomingCall, handle: () => Promise<Told | undefined>): Promise<void> {
    call.stage = 'running'
    const told = await handle()
    // The status, and a place for the next, in one write.
    call.link.together(() => {
      if (told !== undefined && 'givenBack' in told) this.#giveBack(call, told.givenBack)
      else {
        if (told !== undefined) call.link.say({ type: 'status', stream: call.stream, ...told })
        this.finished += 1
      }
      this.#delete(call)
    })
  }

  #giveBack({ link, stream }: IncomingCall, reason: string): void {
    this.#refuse(link, stream, reason)
    clearTimeout(this.#rest)
    if (!this.#open) return
    this.#rest = setTimeout(() => {
      this.#rest = undefined
      this.#grant()
    }, REST_MS)
  }

  #delete(call: IncomingCall): void {
    clearTimeout(call.timer)
    if (!this.#calls.delete(call)) return
    if (this.#open) this.#grant()
    this.changed.changed()
  }

  #find(is: (call: IncomingCall) => boolean): IncomingCall | undefined {
    for (const call of this.#calls) if (is(call)) return call
    return undefined
  }

  #count(is: (call: IncomingCall) => boolean): number {
    let count = 0
    for (const call of this.#calls) if (is(call)) count += 1
    return count
  }
}

function brokeOff({ info }: IncomingCall, reason: string): SwarmError {
  return new SwarmError('INCOMPLETE', `the stream from ${info.name} broke off: ${reason}`)
}
