/**
 * `exec`: a command for each connection, the stream on its descriptors.
 *
 * On this machine descriptors 0 and 1 of the command are the kernel's socket: the bytes do not pass
 * through this program, which only starts, counts, ends, and tells the caller the exit status.
 */
import { now } from '../clock.ts'
import { messageOf } from '../errors.ts'
import {
  type CommandLine,
  type Ending,
  findCommand,
  forShell,
  type Running,
  statusOfEnding,
} from '../io/command.ts'
import { closeInherited } from '../io/descriptor.ts'
import { limits } from '../limits.ts'
import type { Link } from '../protocol/link.ts'
import type { IncomingStream } from '../swarm/peer.ts'
import { type CallLimits, Calls, type IncomingCall } from './calls.ts'
import { type CommonOptions, type Context, createSwarm, until } from './context.ts'
import { linger } from './linger.ts'
import { pump } from './pipes.ts'
import { answer } from './short-records.ts'
import { tellWaiting } from './waiting.ts'

export interface ExecOptions extends CommonOptions, CallLimits {
  readonly command: CommandLine
  /** Takes the records of `send --queue`, and no other calls. */
  readonly queue: boolean
  /** Pipes on the command's descriptors instead of the socket. */
  readonly pipes: boolean
  readonly once: boolean
  /** Ends each command after this long; `undefined`: never. */
  readonly commandMs: number | undefined
  /** From TERM to KILL. */
  readonly killAfterMs: number
}

/** A command that was started for a caller. */
interface Begun {
  readonly child: Pick<Running, 'ended' | 'stop'>
  /** Resolves when what it said is on its way, where that goes through here: with false when nobody came for it. */
  readonly said: Promise<boolean> | undefined
  /** After its end: what is left of the connection. */
  readonly close?: () => Promise<void>
}

/** Why a command is ended before its own end: its time is up, SIGHUP, we end, or its caller gave up. */
type StopReason = 'timeout' | 'hangup' | 'ending' | 'caller'

/** As a shell's `timeout` tells it. */
export const TIMED_OUT = 124
/** As of a command that TERM ended. */
const TERMINATED = 128 + 15
/** The statuses of a command that cannot be run, or is not there; or its own. */
const UNSTARTED = new Set([126, 127])

/** Ended by a signal it tells its callers, and is gone within 6 s. */
const FAREWELL_MS = 500

export async function exec(context: Context, options: ExecOptions): Promise<number> {
  const { signal, report } = context
  context.counters.unseen = true
  const path = context.env.PATH ?? ''
  findCommand(options.command.file, path)
  const shellCommand = forShell(options.command, path)
  const { run } = await import('../io/spawn.lazy.ts')
  const inPipes = options.pipes ? (await import('../io/run.lazy.ts')).runInPipes : undefined
  // What every command finds in its environment, whoever calls it.
  const shared = { PROTO: 'LSWARM', LSWARM_TOPIC: options.topic }
  const starters = options.queue
    ? await (await import('../io/starters.lazy.ts')).Starters.open({
        command: shellCommand,
        env: { ...context.env, ...shared },
      })
    : undefined
  const swarm = createSwarm(context, options, {
    verb: 'exec',
    reads: options.queue ? ['records', ...(starters ? ['short-records'] : [])] : ['calls', 'stream', 'talk'],
    writes: [],
  })
  if (options.queue) tellWaiting(context, swarm, options, 'records', 'send --queue')
  else tellWaiting(context, swarm, options, 'a caller', 'connect')
  /** What ends each command that runs, before its own end. */
  const running = new Set<(why: StopReason) => Promise<void>>()
  let connections = 0
  let lastStatus = 0
  /** The last command of a queue could not be started, and that was said. */
  let isUnable = false

  const start = (incoming: IncomingStream, link: Link, number: number): Begun => {
    const env = {
      ...shared,
      LSWARM_PEER: incoming.info.id,
      LSWARM_TRANSPORT: incoming.info.transport,
      LSWARM_CONNECTION: String(number),
    }
    // From the go to the start in one turn: what the caller says then stays in the kernel, for the command.
    const connection = incoming.accept()
    const { socket } = connection
    const close = () => linger(connection, link)
    if (socket !== undefined && inPipes === undefined) {
      const child = run(options.command, { stdin: socket, stdout: socket, env })
      return { child, said: undefined, close }
    }
    const child = inPipes?.(shellCommand, env) ?? run(options.command, { stdin: 'pipe', stdout: 'pipe', env })
    return { child, said: pump(connection, child).then(() => true), close }
  }

  const handle = async ({ info, aborted }: IncomingCall, begin: (number: number) => Begun) => {
    const { id, name } = info
    const number = ++connections
    const since = now()
    const { child, said, close } = begin(number)
    let stopped: StopReason | undefined
    const stop = (why: StopReason) => {
      stopped ??= why
      return child.stop(options.killAfterMs)
    }
    running.add(stop)
    report.verbose(`status: ${running.size}/${options.max}`)
    report.verbose(`start ${number}: ${name}`, { connection: number, peer: id })
    aborted.addEventListener('abort', () => void stop('caller'))
    const expire = () => void stop('timeout')
    const timer = options.commandMs === undefined ? undefined : setTimeout(expire, options.commandMs)
    const ending = await child.ended
    clearTimeout(timer)
    const reason = stopped
    const isHeard = (await said) ?? true
    running.delete(stop)
    // A status is told when the reply is out of our hands: whoever hears it has, or will have, all of the reply.
    await close?.()
    const late = reason === 'timeout'
    const own = statusOfEnding(ending)
    // A command that exits with 0 when it is interrupted has not done what it was asked for.
    const isCutShort = reason !== undefined && own === 0
    const status = late || !isHeard ? TIMED_OUT : isCutShort ? TERMINATED : own
    // It may have been removed since we started; the server lives on.
    const unstarted = UNSTARTED.has(status) ? whyNot(options.command.file, path, ending) : ''
    if (options.queue) {
      // A record that this worker did not bring to its own end is for another one, not failed.
      if (signal.aborted) return undefined
      if (reason === 'hangup') return { givenBack: 'ending its commands (SIGHUP)' }
      if (unstarted !== '' && !isUnable) report.warn(`unable to start commands: ${unstarted}`)
      isUnable = unstarted !== ''
      if (isUnable) return { givenBack: `unable to start commands: ${unstarted}` }
    }
    lastStatus = status
    const seconds = ((now() - since) / 1000).toFixed(3)
    report.verbose(`end ${number}: ${name} ${status} ${seconds} s`, {
      connection: number,
      status,
    })
    report.verbose(`status: ${running.size}/${options.max}`)
    if (late) return { status, reason: 'it took too long' }
    if (!isHeard) return { status, reason: 'nobody came for its reply' }
    return { status, reason: isCutShort ? 'its command was interrupted' : unstarted }
  }

  const calls = new Calls(swarm, {
    ...options,
    max: options.once ? 1 : options.max,
    handle: (incoming, call) => handle(call, (number) => start(incoming, call.link, number)),
    handleRecord:
      starters && ((record, call) => handle(call, (number) => answer(starters, record, call, number))),
  })
  context.onhangup(() => {
    for (const stop of running) void stop('hangup')
  })
  try {
    // Nobody is called by us; but who came before us hears of us at once when we dial.
    swarm.join(options.topic)
    await until(signal, swarm.listen())
    context.ready(swarm, options.topic)
    closeInherited()
    // After all is loaded: from here on V8 refuses the code that Node comes with.
    if (!options.queue) context.expect('commands')
    await calls.changed.when(signal, () => options.once && calls.finished > 0)
    return lastStatus
  } finally {
    calls.close()
    await swarm.leave(options.topic)
    await Promise.all([...running].map((stop) => stop('ending')))
    starters?.close()
    for (const link of calls.links) link.end('done')
    await swarm.destroy({ lingerMs: signal.aborted ? FAREWELL_MS : limits.lingerMs })
  }
}

/** Why a command could not be started, in the words that we would have used before joining, if they fit. */
function whyNot(file: string, path: string, ending: Ending): string {
  try {
    findCommand(file, path)
    return ('reason' in ending && ending.reason) || ''
  } catch (error) {
    return messageOf(error)
  }
}
