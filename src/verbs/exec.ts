/**
 * `exec`: a command for each connection, the stream on its descriptors.
 *
 * On this machine descriptors 0 and 1 of the command are the kernel's socket: the bytes do not pass
 * through this program, which only starts, counts, ends, and tells the caller the exit status.
 */
import { now } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { type CommandLine, findCommand, type Running } from '../io/command.ts'
import { closeInherited } from '../io/descriptor.ts'
import { limits } from '../limits.ts'
import type { Link } from '../protocol/link.ts'
import type { IncomingStream } from '../swarm/peer.ts'
import { Calls } from './calls.ts'
import { type CommonOptions, type Context, createSwarm, until } from './context.ts'
import { linger } from './linger.ts'
import { linked } from './linked.ts'
import { pump } from './pipes.ts'
import { tellWaiting } from './waiting.ts'

export interface ExecOptions extends CommonOptions {
  readonly command: CommandLine
  /** Commands at a time, and for one peer. */
  readonly max: number
  readonly maxPerPeer: number
  /** Who is over it waits, or is told busy. */
  readonly busy: 'wait' | 'refuse'
  /** Takes the records of `send --queue`, and no other calls. */
  readonly queue: boolean
  /** Pipes on the command's descriptors instead of the socket. */
  readonly pipes: boolean
  /** Ends after one command, with its status. */
  readonly once: boolean
  /** Ends each command after this long; `undefined`: never. */
  readonly commandMs: number | undefined
  /** From TERM to KILL. */
  readonly killAfterMs: number
}

/** As a shell's `timeout` tells it. */
const TIMED_OUT = 124

/** Ended by a signal it tells its callers, and is gone within 6 s. */
const FAREWELL_MS = 500

/** @returns the status to end with */
export async function exec(context: Context, options: ExecOptions): Promise<number> {
  const { signal, report } = context
  context.counters.unseen = true
  const path = context.env.PATH ?? ''
  findCommand(options.command.file, path)
  const { run, statusOfEnding } = await import('../io/run.lazy.ts')
  const swarm = createSwarm(context, options, {
    verb: 'exec',
    reads: options.queue ? ['records'] : ['calls', 'stream', 'talk'],
    writes: [],
  })
  if (options.queue) tellWaiting(context, swarm, options, 'records', 'send --queue')
  else tellWaiting(context, swarm, options, 'a caller', 'connect')
  const running = new Set<Running>()
  let connections = 0
  let lastStatus = 0

  const start = (incoming: IncomingStream, number: number) => {
    const env = {
      PROTO: 'LSWARM',
      LSWARM_TOPIC: options.topic,
      LSWARM_PEER: incoming.info.id,
      LSWARM_TRANSPORT: incoming.info.transport,
      LSWARM_CONNECTION: String(number),
    }
    // From the go to the start in one turn: what the caller says then stays in the kernel, for the command.
    const connection = incoming.accept()
    const { socket } = connection
    if (socket !== undefined && !options.pipes) {
      const child = run(options.command, { stdin: socket, stdout: socket, env })
      return { connection, child, said: undefined }
    }
    const child = run(options.command, { stdin: 'pipe', stdout: 'pipe', env, pipes: options.pipes })
    return { connection, child, said: pump(connection, child) }
  }

  const handle = async (incoming: IncomingStream, link: Link) => {
    const number = ++connections
    const since = now()
    const { connection, child, said } = start(incoming, number)
    running.add(child)
    report.verbose(`status: ${running.size}/${options.max}`)
    report.verbose(`start ${number}: ${incoming.info.name}`, { connection: number, peer: incoming.info.id })
    let late = false
    const expire = () => {
      late = true
      void child.stop(options.killAfterMs)
    }
    const timer = options.commandMs === undefined ? undefined : setTimeout(expire, options.commandMs)
    const ending = await child.ended
    clearTimeout(timer)
    await said
    running.delete(child)
    linger(connection, link)
    // A record whose worker was ended is for another worker, not failed.
    if (options.queue && signal.aborted) return undefined
    const status = late ? TIMED_OUT : statusOfEnding(ending)
    lastStatus = status
    const seconds = ((now() - since) / 1000).toFixed(3)
    report.verbose(`end ${number}: ${incoming.info.name} ${status} ${seconds} s`, {
      connection: number,
      status,
    })
    report.verbose(`status: ${running.size}/${options.max}`)
    if (late) return { status, reason: 'it took too long' }
    // It may have been removed since we started; the server lives on.
    const unstarted = 'status' in ending ? ending.reason : undefined
    return { status, reason: unstarted === undefined ? '' : whyNot(options.command.file, path, unstarted) }
  }

  const { busy, maxPerPeer } = options
  const calls = new Calls({ max: options.once ? 1 : options.max, maxPerPeer, busy, handle })
  const links = linked(swarm, (link, info) => calls.meet(link, info))
  swarm.on('stream', (incoming) => calls.take(incoming))
  context.onhangup(() => {
    for (const child of running) void child.stop(options.killAfterMs)
  })
  try {
    // Nobody is called by us; but who came before us hears of us at once when we dial.
    swarm.join(options.topic)
    await until(signal, swarm.listen())
    context.ready(swarm, options.topic)
    closeInherited()
    await calls.when(signal, () => options.once && calls.finished > 0)
    return lastStatus
  } finally {
    calls.close()
    await swarm.leave(options.topic)
    await Promise.all([...running].map((child) => child.stop(options.killAfterMs)))
    for (const link of links) link.end('done')
    await swarm.destroy({ lingerMs: signal.aborted ? FAREWELL_MS : limits.lingerMs })
  }
}

/** Why a command could not be started, in the words that we would have used before joining, if they fit. */
function whyNot(file: string, path: string, otherwise: string): string {
  try {
    findCommand(file, path)
    return otherwise
  } catch (error) {
    return messageOf(error)
  }
}
