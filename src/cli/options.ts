/**
 * Options of several verbs, each once; what a single verb takes is in its file in `commands/`. Parsing, help,
 * completions and man pages come from these.
 */
import { userInfo } from 'node:os'
import process from 'node:process'
import { limits } from '../limits.ts'
import { isName } from '../protocol/hello.ts'
import {
  choice,
  number,
  type Option,
  parseDuration,
  parsed,
  repeated,
  show,
  text,
  time,
  toggle,
  valued,
  withDefault,
} from './option.ts'

/** What every verb that meets others takes. */
export const common = {
  dir: text({ flag: 'dir', value: 'DIR', summary: 'runtime directory instead of $LSWARM_DIR' }),
  timeout: time({ flag: 'timeout', summary: 'give up after this long (500ms, 10s, 2m): status 124' }),
  json: toggle({ flag: 'json', summary: 'NDJSON instead of text' }),
  quiet: toggle({ flag: 'quiet', short: 'q', summary: 'say only what went wrong' }),
  verbose: toggle({ flag: 'verbose', short: 'v', summary: 'say more, if there is more to say' }),
  ready: toggle({ flag: 'ready', summary: 'say one line on stderr once peers can be met' }),
  readyFd: number({ flag: 'ready-fd', summary: 'write that line to descriptor N, and close it' }, 3),
  help: toggle({ flag: 'help', short: 'h', summary: 'show this help' }),
  version: toggle({ flag: 'version', short: 'V', summary: 'show the version' }),
} as const

export const name: Option<string> = valued(
  { flag: 'name', value: 'NAME', summary: 'how others see you; default: user and process id' },
  defaultName,
  parseName,
)

export const count: Option<number> = withDefault(
  number({ flag: 'count', short: 'n', summary: 'wait for N of them first; default 1' }, 1),
  1,
)

export const noWait = toggle({ flag: 'no-wait', summary: 'do not wait: status 3 when too few are there' })

export const to = repeated({
  flag: 'to',
  value: 'PEER',
  summary: 'only this peer, by name or by the beginning of its id; may be repeated',
})

export const keep = toggle({ flag: 'keep', short: 'k', summary: 'stay for more, until interrupted' })

export const nul = toggle({ flag: 'null', short: '0', summary: 'records end with NUL instead of newline' })

export const prefix = parsed(
  {
    flag: 'prefix',
    value: 'FORMAT',
    mayBeEmpty: true,
    summary: 'before each line: %n name, %i id, %t time, %% a percent sign; default at a terminal: "%n: "',
  },
  (text) => {
    const [unknown] = /%.?/u.exec(text.replaceAll(/%[nit%]/g, '')) ?? []
    if (unknown !== undefined) throw new Error(`takes %n, %i, %t and %%, not ${show(unknown)}`)
    return text
  },
)

export const join = {
  deaf: toggle({ flag: 'd', summary: 'leave stdin alone: only listen' }),
  slow: choice(
    {
      flag: 'slow',
      value: 'POLICY',
      summary:
        'a slow peer: wait for it, drop its oldest lines, or cut it off; default wait, at a terminal drop',
    },
    ['wait', 'drop', 'cut'],
  ),
  linger: parsed(
    {
      flag: 'linger',
      value: 'DUR',
      summary: 'leave this long after the end of stdin; default: when all others have ended',
    },
    parseDuration,
  ),
} as const

/** At a terminal. */
export const chat = {
  plain: toggle({ flag: 'plain', summary: 'at a terminal: lines, and nothing that is drawn' }),
  time: toggle({ flag: 'time', summary: 'at a terminal: the time before each line' }),
  bell: toggle({ flag: 'bell', summary: 'at a terminal: ring when your name is said' }),
} as const

export const progress = withDefault(
  choice(
    {
      flag: 'progress',
      value: 'HOW',
      summary:
        'on stderr: bar, json (an object a second), or none; default auto: a bar at a terminal; SIGUSR1 prints a line',
    },
    ['auto', 'bar', 'json', 'none'],
  ),
  'auto',
)

/** A queue of records, at either end. */
export const queue = toggle({
  flag: 'queue',
  summary: 'records instead of a stream: each to exactly one free worker',
})

export const exec = {
  max: number({ flag: 'max', summary: 'commands at a time; default 40, with --queue 1' }, 1),
  maxPerPeer: withDefault(
    number(
      { flag: 'max-per-peer', summary: 'commands at a time for one peer; default no limit of its own' },
      1,
    ),
    Number.POSITIVE_INFINITY,
  ),
  busy: withDefault(
    choice(
      {
        flag: 'busy',
        value: 'POLICY',
        summary: 'who is over --max may wait (default), or is refused: status 3 there',
      },
      ['wait', 'refuse'],
    ),
    'wait',
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

export const output = text({
  flag: 'output',
  short: 'o',
  value: 'FILE',
  summary: 'write to FILE, which appears when it is complete',
})

export const messageType = parsed(
  { flag: 'type', value: 'TYPE', summary: 'messages of this type: a word signed with them' },
  parseName,
)

function parseName(text: string): string {
  if (!isName(text))
    throw new Error(`takes 1 to ${limits.nameBytes} bytes of printable text, not ${show(text)}`)
  return text
}

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
