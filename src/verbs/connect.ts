/** `connect`: stdin and stdout to one handler, ended with its exit status. */
import { type ErrorCode, messageOf, SwarmError } from '../errors.ts'
import { type CommandLine, findCommand, statusOfEnding } from '../io/command.ts'
import type { Sink } from '../io/sink.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { Discovery } from '../swarm/discovery.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Call } from './call.ts'
import { Condition, type Context, createSwarm, hasCode, type MeetingOptions, until } from './context.ts'
import { exchange } from './exchange.ts'
import { linger } from './linger.ts'
import { linked } from './linked.ts'
import { pump } from './pipes.ts'
import { isMeant } from './to.ts'
import { lookUntil, tellWaiting } from './waiting.ts'
import { whileRead } from './while-read.ts'

export interface ConnectOptions extends MeetingOptions {
  /** Gets the stream on its descriptors instead of our stdio. */
  readonly command: CommandLine | undefined
}

/** What `connect` ends with when it fails itself, as ssh does. */
export const FAILED = 255
const BUFFERS = { bufferBytes: 262_144, buffers: 4 }

interface Peer {
  readonly link: Link
  readonly info: PeerInfo
}

/** A call that a handler has taken. */
interface Called {
  readonly call: Call
  readonly connection: Connection
}

/** @returns the handler's exit status; 255 when there is none to pass on */
export function connect(context: Context, options: ConnectOptions): Promise<number> {
  return orFailed(context, () => attempt(context, options))
}

/** Codes that ask for a status of their own; the others could be mistaken for the handler's. */
const OWN_STATUS: readonly ErrorCode[] = [
  'COMMAND_NOT_FOUND',
  'COMMAND_NOT_EXECUTABLE',
  'INTERRUPTED',
  'NOBODY',
  'OPTION_INVALID',
  'TIMEOUT',
  'TOPIC_INVALID',
]

/** What `act` gives, or 255, with the reason said, when it fails itself. */
export async function orFailed(context: Context, act: () => Promise<number>): Promise<number> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof SwarmError) || OWN_STATUS.includes(error.code)) throw error
    context.report.warn(messageOf(error), { code: error.code, status: FAILED })
    return FAILED
  }
}

async function attempt(context: Context, options: ConnectOptions): Promise<number> {
  const { signal } = context
  if (options.command) findCommand(options.command.file, context.env.PATH ?? '')
  else {
    context.checkStdin()
    context.checkStdout()
  }
  const swarm = createSwarm(context, options, { verb: 'connect', reads: [], writes: ['calls'] })
  tellWaiting(context, swarm, options, 'a handler', 'exec')
  const peers: Peer[] = []
  const changed = new Condition()
  const links = linked(swarm, (link, info) => {
    if (isMeant(options.to, info)) peers.push({ link, info })
    changed.changed()
  })
  try {
    const discovery = swarm.join(options.topic, { server: false, client: true })
    if (options.noWait) {
      await until(signal, discovery.flushed())
      if (peers.length === 0) throw new SwarmError('NOBODY', 'no handler is there')
    }
    context.ready(swarm, options.topic)
    const find = (until: AbortSignal) => handlerAmong(peers, changed, swarm, discovery, until)
    if (options.command) return await hand(context, options.command, await find(signal))
    const sink = context.openStdout()
    const found = await whileRead(signal, sink, find)
    return found === undefined ? 0 : await talk(context, sink, found)
  } finally {
    for (const link of links) link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
  }
}

/** Waits for a handler that takes our call; one that is busy, or has gone before it began, may have a neighbour. */
async function handlerAmong(
  peers: Peer[],
  changed: Condition,
  swarm: Swarm,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<Called> {
  for (;;) {
    await lookUntil(signal, discovery, changed, () => peers.length > 0)
    const peer = peers.shift()
    if (peer === undefined) continue
    const call = new Call(swarm, peer.link, peer.info, 1)
    try {
      return { call, connection: await call.open(signal) }
    } catch (error) {
      if (!hasCode(error, 'BUSY')) throw error
      await until(signal, discovery.flushed())
      if (peers.length === 0) throw new SwarmError('NOBODY', messageOf(error), error)
    }
  }
}

/** The stream on our own stdio. */
async function talk(context: Context, sink: Sink, { call, connection }: Called): Promise<number> {
  const { signal, report } = context
  const source = context.openSource('-', BUFFERS)
  const { stream } = connection
  try {
    const status = call.ended(signal)
    status.then(
      // What was read is still sent.
      () => source.close(),
      () => {
        if (!signal.aborted) stream.destroy()
      },
    )
    const sayEnded = () => call.sayEnded()
    if (!(await exchange(context, connection, source, sink, { signal, both: false, sayEnded }))) return 0
    const ended = await status
    if (!stream.readableEnded) throw new SwarmError('INCOMPLETE', `the reply of ${call.info.name} broke off`)
    if (call.reason !== '') report.warn(`${call.info.name}: ${call.reason}`)
    return ended
  } catch (error) {
    await call.abort(error)
    throw error
  } finally {
    source.close()
    stream.destroy()
    if (!signal.aborted) await sink.close()
  }
}

/** The stream on a command's descriptors; where it is a socket, Node moves no byte of it. */
async function hand(context: Context, line: CommandLine, { call, connection }: Called): Promise<number> {
  const { signal, report } = context
  const { socket } = connection
  const { run } = await import('../io/spawn.lazy.ts')
  const ends = socket ?? 'pipe'
  const child = run(line, { stdin: ends, stdout: ends, env: {} })
  const said = socket === undefined ? pump(connection, child) : undefined
  const status = call.ended(signal)
  // A command that says nothing would not learn that its handler is gone.
  const lost = new Promise<never>((_resolve, reject) => status.catch(reject))
  try {
    const own = statusOfEnding(await Promise.race([child.ended, lost]))
    await until(signal, said ?? Promise.resolve())
    // Its end is the end of our side; the handler hears it, and tells its status.
    call.sayEnded()
    void linger(connection, call.link, UNREAD_BYTES)
    const theirs = await status
    if (call.reason !== '') report.warn(`${call.info.name}: ${call.reason}`)
    return theirs === 0 ? own : theirs
  } catch (error) {
    await Promise.all([child.stop(STOP_MS), call.abort(error)])
    throw error
  }
}

const STOP_MS = 2_000
/** What a handler says to a command that has ended is forgotten; a handler that says more is to stop. */
const UNREAD_BYTES = 1_048_576
