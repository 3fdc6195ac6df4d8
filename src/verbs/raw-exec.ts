/** `exec --raw`: a command for each program that uses Hyperswarm and comes, its bytes on the command's stdio. */
import { findCommand, type Running, statusOfEnding } from '../io/command.ts'
import { closeInherited } from '../io/descriptor.ts'
import { Slots } from '../slots.ts'
import { Condition, type Context } from './context.ts'
import { type ExecOptions, TIMED_OUT } from './exec.ts'
import { pump } from './pipes.ts'
import { type RawCaller, RawMeeting, type RawOptions } from './raw.ts'

export type RawExecOptions = RawOptions &
  Pick<ExecOptions, 'command' | 'max' | 'once' | 'commandMs' | 'killAfterMs'>

export async function rawExec(context: Context, options: RawExecOptions): Promise<number> {
  const { signal, report } = context
  findCommand(options.command.file, context.env.PATH ?? '')
  const { run } = await import('../io/spawn.lazy.ts')
  const meeting = new RawMeeting(context)
  const running = new Set<Running>()
  const slots = new Slots(options.once ? 1 : options.max)
  const changed = new Condition()
  let connections = 0
  let status: number | undefined

  const handle = async (caller: RawCaller) => {
    const { stream } = caller.connection
    // It left while it waited.
    if (stream.destroyed) return
    const number = ++connections
    const env = {
      PROTO: 'LSWARM',
      LSWARM_TOPIC: options.topic,
      LSWARM_PEER: caller.id,
      LSWARM_TRANSPORT: 'dht',
      LSWARM_CONNECTION: String(number),
    }
    report.verbose(`start ${number}: ${caller.name}`, { connection: number, peer: caller.id })
    const child = run(options.command, { stdin: 'pipe', stdout: 'pipe', env })
    running.add(child)
    let late = false
    const expire = () => {
      late = true
      void child.stop(options.killAfterMs)
    }
    const timer = options.commandMs === undefined ? undefined : setTimeout(expire, options.commandMs)
    await pump(caller.connection, child)
    const ending = await child.ended
    clearTimeout(timer)
    running.delete(child)
    const ended = late ? TIMED_OUT : statusOfEnding(ending)
    report.verbose(`end ${number}: ${caller.name} ${ended}`, { connection: number, status: ended })
    stream.end()
    await caller.arrived(signal)
    await caller.closed(signal)
    stream.destroy()
    status = ended
    changed.changed()
  }

  try {
    await meeting.open(options, { server: true, client: false })
    closeInherited()
    const take = async () => {
      for (;;) {
        const caller = await meeting.take()
        void slots.run(() => handle(caller)).catch(() => {})
      }
    }
    const taking = take()
    await Promise.race([taking, changed.when(signal, () => options.once && status !== undefined)])
    return status ?? 0
  } finally {
    await Promise.all([...running].map((child) => child.stop(options.killAfterMs)))
    await meeting.close()
  }
}
