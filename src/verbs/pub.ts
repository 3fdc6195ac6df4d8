/** `pub`: signed messages, from the arguments or the lines of stdin, handed to the peers of a topic. */
import { isUtf8 } from 'node:buffer'
import { messageOf, SwarmError } from '../errors.ts'
import { Gossip } from '../gossip/gossip.ts'
import { KeyPair } from '../gossip/key-pair.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { Datagrams } from '../transport/endpoint/datagrams.ts'
import { ConfigDirectory } from './config-directory.ts'
import { type Context, createSwarm, delay, hasCode, type MeetingOptions, plural, until } from './context.ts'
import { openIdentity, showKey } from './identities.ts'
import { readRecords } from './records.ts'
import { tellWaiting } from './waiting.ts'

export interface PubOptions extends Omit<MeetingOptions, 'to'> {
  /** The messages; none: each record of stdin is one. */
  readonly messages: readonly string[]
  readonly separator: Separator
  /** Each message is a JSON value. */
  readonly json: boolean
  /** What sort of messages they are. */
  readonly type: string | undefined
  /** A lasting identity, by name; a fresh one without. */
  readonly id: string | undefined
  /** Peers that are to have every message before we leave. Default 1; with datagrams, which nobody confirms, 0. */
  readonly count: number | undefined
}

interface Form {
  readonly json: boolean
  /** Its bytes at most. */
  readonly most: number
}

const BUFFERS = { bufferBytes: 65_536, buffers: 2 }
/** How long the peers beyond `count` are given, to be linked and then to have it. */
const OTHERS_MS = 1_000

export async function pub(context: Context, options: PubOptions): Promise<void> {
  const { signal, report } = context
  const keyPair =
    options.id === undefined ? KeyPair.generate() : openIdentity(new ConfigDirectory(context.env), options.id)
  const { datagrams: asked } = context.network
  const { count = asked ? 0 : 1 } = options
  const most = asked ? limits.datagramMessageBytes : limits.gossipMessageBytes
  const form: Form = { json: options.json, most }
  // Wrong arguments are told before anybody is met.
  const given = options.messages.map((text, index) => read(Buffer.from(text), form, `message ${index + 1}`))
  const source = given.length === 0 ? context.openSource('-', BUFFERS) : undefined
  const swarm = createSwarm(context, options, { verb: 'pub', reads: [], writes: [] })
  if (count > 0) tellWaiting(context, swarm, options, 'a subscriber', 'sub')
  let datagrams: Datagrams | undefined
  try {
    if (asked) datagrams = await Datagrams.open(options.topic, asked)
    const gossip = new Gossip(swarm, options.topic, { keyPair, datagrams })
    gossip.on('ban', (info, reason) => report.warn(`${info.name} is not spoken to any more: ${reason}`))
    await until(signal, swarm.listen())
    context.ready(swarm, options.topic)
    report.verbose(`signing as ${showKey(gossip.id)}`, {
      author: showKey(gossip.id),
      session: gossip.session,
    })
    // First all are linked who are there: one that has it from its neighbours and leaves before that is counted by
    // nobody. Who does not answer holds up the others for a moment, unless what they miss is never said again.
    const met = gossip.listen()
    const isPatient = options.noWait || datagrams !== undefined
    await until(signal, isPatient ? met : Promise.race([met, delay(OTHERS_MS)]))
    if (options.noWait && gossip.peers.length < count)
      throw new SwarmError('NOBODY', `${plural(gossip.peers.length, 'peer')} of ${count} there`)
    if (source?.isTerminal) report.hint('type messages, a line each, end with Ctrl-D')
    let published = 0
    const publish = async (messages: readonly unknown[]) => {
      for (const message of messages) {
        await until(signal, gossip.ready())
        gossip.publish(message, { name: options.id, label: options.type })
        published += 1
      }
    }
    await publish(given)
    const failure = source && (await publishAll(signal, source, options.separator, form, publish))
    if (published > 0) await hand(signal, gossip, count)
    const peers = gossip.peers.length
    const handed = `${plural(published, 'message')} handed to ${plural(peers, 'peer')}`
    if (published > 0) report.verbose(handed, { messages: published, peers })
    await gossip.leave()
    if (datagrams && datagrams.failed > 0)
      throw new SwarmError(
        'NETWORK',
        `${plural(datagrams.failed, 'datagram')} not sent: ${datagrams.failure}`,
      )
    if (failure !== undefined) throw failure
  } finally {
    source?.close()
    datagrams?.close()
    await swarm.destroy({ lingerMs: limits.lingerMs })
  }
}

/**
 * Publishes each record of a source, until one cannot be a message: then those before it are still sent.
 * @returns SwarmError INPUT for such a record
 */
async function publishAll(
  signal: AbortSignal,
  source: Source,
  separator: Separator,
  form: Form,
  publish: (messages: readonly unknown[]) => Promise<void>,
): Promise<SwarmError | undefined> {
  const records: unknown[] = []
  let number = 0
  let failure: SwarmError | undefined
  const fail = (error: unknown) => {
    if (!hasCode(error, 'OPTION_INVALID')) throw error
    failure ??= new SwarmError('INPUT', messageOf(error), error)
  }
  const publishRead = () => publish(records.splice(0))
  const reading = readRecords(source, separator, signal, {
    room: publishRead,
    take: (line) => {
      number += 1
      records.push(read(line, form, `line ${number}`))
    },
    refuse: () => {
      throw tooLong(`line ${number + 1}`, 'more than a million', form)
    },
  })
  await reading.catch(fail)
  // Too long with its tags, or written as JSON again: those before it are still handed over.
  await publishRead().catch(fail)
  return failure
}

/** Waits until enough peers have it all, and gives the others a moment. */
async function hand(signal: AbortSignal, gossip: Gossip, count: number): Promise<void> {
  await until(signal, gossip.sent())
  await until(signal, gossip.flushed(count))
  // Give a peer that is not linked yet, or slow, a moment to get the messages from us; after that its neighbours relay them.
  const all = gossip.listen().then(() => gossip.flushed(Math.max(1, gossip.peers.length)))
  all.catch(() => {})
  if (count > 0 || gossip.peers.length > 0) await until(signal, Promise.race([all, delay(OTHERS_MS)]))
}

/**
 * A record as it is published.
 * @throws SwarmError OPTION_INVALID for what is no JSON, or too long
 */
function read(record: Buffer, form: Form, where: string): unknown {
  if (record.length > form.most) throw tooLong(where, String(record.length), form)
  if (!form.json) return isUtf8(record) ? record.toString() : Buffer.from(record)
  const wrong = (why: string) => new SwarmError('OPTION_INVALID', `${where} is not JSON: ${why}`)
  if (!isUtf8(record)) throw wrong('it is not UTF-8')
  try {
    const value: unknown = JSON.parse(record.toString())
    // What is nested too deeply can be read, and not be written again.
    JSON.stringify(value)
    return value
  } catch (error) {
    throw wrong(messageOf(error))
  }
}

function tooLong(where: string, bytes: string, { most }: Form): SwarmError {
  return new SwarmError(
    'OPTION_INVALID',
    `${where} has ${bytes} bytes; a message has at most ${most}, lswarm send carries more`,
  )
}
