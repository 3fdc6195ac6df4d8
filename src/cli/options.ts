/**
 * Options of several verbs, each once; what a single verb takes is in its file in `commands/`. Parsing, help,
 * completions and man pages come from these.
 */
import { userInfo } from 'node:os'
import process from 'node:process'
import { limits } from '../limits.ts'
import { isName } from '../protocol/hello.ts'
import {
  nothing,
  type Option,
  parseChoice,
  parseCount,
  parseDuration,
  parseTimeout,
  repeated,
  show,
  toggle,
  valued,
} from './option.ts'

/** What every verb that meets others takes. */
export const common = {
  dir: valued(
    { flag: 'dir', value: 'DIR', summary: 'runtime directory instead of $LSWARM_DIR' },
    nothing,
    (text) => text,
  ),
  timeout: valued(
    { flag: 'timeout', value: 'DUR', summary: 'give up after this long (500ms, 10s, 2m): status 124' },
    nothing,
    parseTimeout,
  ),
  json: toggle({ flag: 'json', summary: 'NDJSON instead of text' }),
  quiet: toggle({ flag: 'quiet', short: 'q', summary: 'say only what went wrong' }),
  verbose: toggle({ flag: 'verbose', short: 'v', summary: 'say more, if there is more to say' }),
  ready: toggle({ flag: 'ready', summary: 'say one line on stderr once peers can be met' }),
  readyFd: valued(
    { flag: 'ready-fd', value: 'N', summary: 'write that line to descriptor N, and close it' },
    nothing,
    parseCount(3),
  ),
  help: toggle({ flag: 'help', short: 'h', summary: 'show this help' }),
  version: toggle({ flag: 'version', short: 'V', summary: 'show the version' }),
} as const

export const name: Option<string> = valued(
  { flag: 'name', value: 'NAME', summary: 'how others see you; default: user and process id' },
  defaultName,
  (text) => {
    if (!isName(text))
      throw new Error(`takes 1 to ${limits.nameBytes} bytes of printable text, not ${show(text)}`)
    return text
  },
)

export const count: Option<number> = valued(
  { flag: 'count', short: 'n', value: 'N', summary: 'wait for N of them first; default 1' },
  () => 1,
  parseCount(1),
)

export const noWait = toggle({ flag: 'no-wait', summary: 'do not wait: status 3 when too few are there' })

export const to = repeated({
  flag: 'to',
  value: 'PEER',
  summary: 'only this peer, by name or by the beginning of its id; may be repeated',
})

export const keep = toggle({ flag: 'keep', short: 'k', summary: 'stay for more, until interrupted' })

export const nul = toggle({ flag: 'null', short: '0', summary: 'records end with NUL instead of newline' })

export const prefix = valued(
  {
    flag: 'prefix',
    value: 'FORMAT',
    mayBeEmpty: true,
    summary: 'before each line: %n name, %i id, %t time, %% a percent sign; default at a terminal: "%n: "',
  },
  nothing,
  (text) => {
    const [unknown] = /%.?/u.exec(text.replaceAll(/%[nit%]/g, '')) ?? []
    if (unknown !== undefined) throw new Error(`takes %n, %i, %t and %%, not ${show(unknown)}`)
    return text
  },
)

export const join = {
  deaf: toggle({ flag: 'd', summary: 'leave stdin alone: only listen' }),
  slow: valued(
    {
      flag: 'slow',
      value: 'POLICY',
      summary:
        'a slow peer: wait for it, drop its oldest lines, or cut it off; default wait, at a terminal drop',
      choices: ['wait', 'drop', 'cut'],
    },
    nothing,
    parseChoice(['wait', 'drop', 'cut']),
  ),
  linger: valued(
    {
      flag: 'linger',
      value: 'DUR',
      summary: 'leave this long after the end of stdin; default: when all others have ended',
    },
    nothing,
    parseDuration,
  ),
} as const

/** At a terminal. */
export const chat = {
  plain: toggle({ flag: 'plain', summary: 'at a terminal: lines, and nothing that is drawn' }),
  time: toggle({ flag: 'time', summary: 'at a terminal: the time before each line' }),
  bell: toggle({ flag: 'bell', summary: 'at a terminal: ring when your name is said' }),
} as const

export const progress = valued(
  {
    flag: 'progress',
    value: 'HOW',
    summary:
      'on stderr: bar, json (an object a second), or none; default auto: a bar at a terminal; SIGUSR1 prints a line',
    choices: ['auto', 'bar', 'json', 'none'],
  },
  (): 'auto' => 'auto',
  parseChoice(['auto', 'bar', 'json', 'none']),
)

/** A queue of records, at either end. */
export const queue = toggle({
  flag: 'queue',
  summary: 'records instead of a stream: each to exactly one free worker',
})

export const exec = {
  max: valued(
    { flag: 'max', value: 'N', summary: 'commands at a time; default 40, with --queue 1' },
    nothing,
    parseCount(1),
  ),
  maxPerPeer: valued(
    {
      flag: 'max-per-peer',
      value: 'N',
      summary: 'commands at a time for one peer; default no limit of its own',
    },
    () => Number.POSITIVE_INFINITY,
    parseCount(1),
  ),
  busy: valued(
    {
      flag: 'busy',
      value: 'POLICY',
      summary: 'who is over --max may wait (default), or is refused: status 3 there',
      choices: ['wait', 'refuse'],
    },
    (): 'wait' => 'wait',
    parseChoice(['wait', 'refuse']),
  ),
  pipes: toggle({
    flag: 'pipes',
    summary: 'pipes instead of the socket, for commands that open /dev/stdin by name',
  }),
  once: toggle({ flag: 'once', summary: 'end after one command, with its status' }),
  killAfter: valued(
    { flag: 'kill-after', value: 'DUR', summary: 'from TERM to KILL; default 5s' },
    () => 5_000,
    parseDuration,
  ),
} as const

export const output = valued(
  { flag: 'output', short: 'o', value: 'FILE', summary: 'write to FILE, which appears when it is complete' },
  nothing,
  (text) => text,
)

export const messageType = valued(
  { flag: 'type', value: 'TYPE', summary: 'messages of this type: a word signed with them' },
  nothing,
  (text) => {
    if (!isName(text))
      throw new Error(`takes 1 to ${limits.nameBytes} bytes of printable text, not ${show(text)}`)
    return text
  },
)

function defaultName(): string {
  const user = process.env.USER || process.env.LOGNAME || accountName()
  const named = `${user}-${process.pid}`
  return isName(named) ? named : `peer-${process.pid}`
}

function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return 'user'
  }
}
