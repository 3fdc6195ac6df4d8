/** The program: parses, runs one verb, and turns how it ended into words and a status. The only catch. */
import { closeSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { type EndingSignal, Interrupted, messageOf, reasonOf, SwarmError, systemCode } from '../errors.ts'
import { ControllingTerminal } from '../io/controlling-terminal.ts'
import { isTerminal } from '../io/descriptor.ts'
import { rememberGiven } from '../io/given.ts'
import { checkStdin, openSource } from '../io/input.ts'
import { sanitize } from '../io/sanitize.ts'
import { checkStdout, openStdout } from '../io/sink.ts'
import type { Swarm } from '../swarm/swarm.ts'
import type { Context } from '../verbs/context.ts'
import { Counters } from '../verbs/counters.ts'
import { chatAt } from './chat.ts'
import type { Args, Command } from './command.ts'
import { leave } from './leave.ts'
import { asksForNetwork, maxPeers, raw } from './network.ts'
import { optionDescriptor } from './option-descriptor.ts'
import * as option from './options.ts'
import { asksForJson, findCommand, parse } from './parse.ts'
import { ProgressDisplay } from './progress.ts'
import { refuseKeys } from './refuse-keys.ts'
import { StderrReport, writeAll } from './report.ts'
import { statusOf } from './status.ts'
import { tune } from './tune.ts'
import { VERSION } from './version.ts'

const TUNE_MS = 30
const UNSIGNALLED_MS = 100
const SIGNALS: readonly EndingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Runs `lswarm` with these arguments, and ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  rememberGiven()
  let report = new StderrReport({ quiet: false, verbose: false, json: asksForJson(argv) })
  // Node's own warnings (an experimental part of it, say) are not for users.
  process.removeAllListeners('warning')
  process.on('uncaughtException', (error) => {
    report.error(`internal error: ${messageOf(error)}`, 'please report this', {})
    if (process.env.LSWARM_DEBUG) writeAll(2, `${error.stack}\n`)
    leave(1)
  })
  try {
    const [verb, ...rest] = argv
    if (verb === undefined) {
      writeAll(2, await help())
      return leave(2)
    }
    if (verb === '--help' || verb === '-h' || (verb === 'help' && rest[0] === undefined)) {
      await say(await help())
      return leave(0)
    }
    if (verb === 'help') {
      const { verb: about } = findCommand(rest[0] ?? '')
      const page = (await import('./manual.lazy.ts')).manualPage(about, isTerminal(1))
      await say(page ?? (await textOf(`help ${about}`)))
      return leave(0)
    }
    if (verb === '--version' || verb === '-V') {
      await say(VERSION)
      return leave(0)
    }
    refuseKeys(argv)
    const command = findCommand(verb)
    const args = parse(command, rest)
    if (args.get(option.common.help) || args.get(option.common.version)) {
      await say(args.get(option.common.help) ? await help(command) : VERSION)
      return leave(0)
    }
    report = new StderrReport({
      quiet: args.get(option.common.quiet),
      verbose: args.get(option.common.verbose),
      json: args.get(option.common.json),
    })
    // A verb that only waits holds nothing that would keep Node from ending.
    setInterval(() => {}, 2 ** 30)
    const context = contextOf(command, args, report)
    const status = await run(command, context, args)
    leave(typeof status === 'number' ? status : 0)
  } catch (error) {
    end(error, report)
  }
}

/** Prints a text of the program's own. @throws SwarmError OUTPUT */
async function say(text: string): Promise<void> {
  await (await import('../verbs/table.ts')).print({ openStdout }, text)
}

/** The text of `lswarm --help`, or of `lswarm VERB --help`. */
function help(command?: Command): Promise<string> {
  return textOf(command?.verb ?? '')
}

/** A text that the build has kept, or that is laid out now: see `help.lazy.ts`. */
async function textOf(name: string): Promise<string> {
  const path = join(import.meta.dirname, 'help.json')
  const texts = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : await (await import('./help.lazy.ts')).allHelp()
  return String(new Map(Object.entries(texts)).get(name))
}

/** Runs the verb, on the ways beyond this machine that it is given, or on that of others alone. */
async function run(command: Command, context: Omit<Context, 'network'>, args: Args): Promise<unknown> {
  if (!command.options.includes(raw) || !args.get(raw))
    return command.run({ ...context, network: await networkFor(command, context, args) }, args)
  const network = { transports: [], maxPeers: undefined }
  return (await import('./raw.ts')).runRaw({ ...context, network }, command.verb, args)
}

/** The ways beyond this machine, where the verb takes any; what they need is loaded where one is asked for. */
async function networkFor(
  command: Command,
  { report, signal }: Pick<Context, 'report' | 'signal'>,
  args: Args,
): Promise<Context['network']> {
  if (!command.options.includes(maxPeers)) return { transports: [], maxPeers: undefined }
  const network = asksForNetwork(args)
    ? await (await import('./ways.ts')).networkOf({
        verb: command.verb,
        topic: args.operands[0] ?? '',
        args,
        warn: (message) => report.warn(message),
        signal,
      })
    : { transports: [] }
  return { ...network, maxPeers: args.get(maxPeers) }
}

/** The world that a verb sees. */
function contextOf(command: Command, args: Args, report: StderrReport): Omit<Context, 'network'> {
  const controller = new AbortController()
  let hangup: (() => void) | undefined
  let terminal: ControllingTerminal | undefined
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (signal === 'SIGHUP' && hangup !== undefined && !terminal?.isLost) return hangup()
      const error = new Interrupted(signal)
      if (!controller.signal.aborted) return controller.abort(error)
      // The second time there is no more politeness; the exit hook still removes our sockets. But of a terminal that goes
      // the kernel tells us, and the shell in it does once more.
      if (signal !== 'SIGHUP') leave(statusOf(error))
    })
  }
  const timeoutMs = args.get(option.common.timeout)
  if (timeoutMs !== undefined && !command.ownTimeout) {
    const passed = () =>
      controller.abort(new SwarmError('TIMEOUT', `gave up after ${timeoutMs / 1000} s (--timeout)`))
    setTimeout(passed, timeoutMs).unref()
  }
  const progress = command.options.includes(option.progress)
    ? new ProgressDisplay(report, args.get(option.progress))
    : undefined
  const ready = args.get(option.common.ready)
  const readyFd = args.get(option.common.readyFd)
  if (readyFd !== undefined) optionDescriptor('ready-fd', readyFd, 'write')
  return {
    report,
    signal: controller.signal,
    counters: new Counters(),
    cut: (reason) => controller.abort(new SwarmError('CUT', reason)),
    pid: process.pid,
    env: process.env,
    onhangup: (act) => {
      hangup = act
      terminal = new ControllingTerminal()
    },
    openRoom: command.options.includes(option.chat.plain) ? chatAt(args, report) : undefined,
    openSource,
    openStdout,
    checkStdin,
    checkStdout,
    follow: (followed) => progress?.follow(followed) ?? (() => {}),
    // Not while peers are met, and the first bytes are on their way.
    expect: (what) => setTimeout(tune, TUNE_MS, what).unref(),
    ready: (self: Pick<Swarm, 'name' | 'id'>, topic: string) => {
      const message = `ready: ${topic} as ${self.name} (${self.id.slice(0, 8)})`
      if (ready) report.ready(message, { topic, name: self.name, id: self.id })
      if (readyFd === undefined) return
      const error = writeAll(readyFd, `${sanitize(message)}\n`)
      if (error !== undefined && systemCode(error) !== 'EPIPE')
        throw new SwarmError(
          'OUTPUT',
          `--ready-fd: cannot write to descriptor ${readyFd}: ${reasonOf(error)}`,
          error,
        )
      closeSync(readyFd)
    },
  }
}

/** Says what went wrong, and ends as the status table says; by the signal itself where it was one. */
function end(error: unknown, report: StderrReport): void {
  const status = statusOf(error)
  if (error instanceof Interrupted) {
    process.removeAllListeners(error.signal)
    process.kill(process.pid, error.signal)
    // The first process of a container is not ended by a signal of its own.
    setTimeout(() => leave(status), UNSIGNALLED_MS)
    return
  }
  report.error(
    isShortOfDescriptors(error) || (isDenied(error) && !(error instanceof SwarmError))
      ? reasonOf(error)
      : messageOf(error),
    hintFor(error),
    error instanceof SwarmError ? { code: error.code, status } : { status },
  )
  if (process.env.LSWARM_DEBUG && error instanceof Error) writeAll(2, `${error.stack}\n`)
  leave(status)
}

/** Everything here needs descriptors, also loading a part of the program. */
function isShortOfDescriptors(error: unknown): boolean {
  return !(error instanceof SwarmError) && ['EMFILE', 'ENFILE'].includes(systemCode(error))
}

/** Node's permission model denied it. */
function isDenied(error: unknown): boolean {
  const below = error instanceof SwarmError ? error.cause : error
  return systemCode(below) === 'ERR_ACCESS_DENIED'
}

/** What to do about it, where that is not in the message already. */
function hintFor(error: unknown): string | undefined {
  if (isShortOfDescriptors(error)) return 'raise the limit with ulimit -n'
  // How to allow it is in the message.
  if (isDenied(error)) return undefined
  if (!(error instanceof SwarmError)) return 'please report this'
  if (error.code === 'RUNTIME_DIRECTORY') return 'choose another with --dir or $LSWARM_DIR'
  if (error.code === 'PATH_TOO_LONG') return 'choose a shorter one with --dir or $LSWARM_DIR'
  return undefined
}
