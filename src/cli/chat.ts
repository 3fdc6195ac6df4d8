/** Whether `join` is a chat on the terminal, or lines; and the chat. Ink is loaded for a chat alone. */

import process from 'node:process'
import { isTerminal, unlessHungUp } from '../io/descriptor.ts'
import type { OpenRoom } from '../verbs/room.ts'
import { canDraw } from './can-draw.ts'
import { isDumb } from './colours.ts'
import type { Args } from './command.ts'
import * as option from './options.ts'
import type { StderrReport } from './report.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Who asked for lines in a certain form gets lines; so does a program that reads them aloud, or keeps them. */
export function isChat(args: Args, env: Environment): boolean {
  const isPlain =
    args.get(option.chat.plain) ||
    args.get(option.join.deaf) ||
    args.get(option.common.json) ||
    args.get(option.nul) ||
    args.get(option.prefix) !== undefined
  // A terminal that does not know its size has nowhere to draw: Ink would clear it for every frame.
  const hasSize = isTerminal(1) && unlessHungUp(1, () => process.stdout.rows ?? 0) > 0
  return (
    !isPlain && isTerminal(0) && hasSize && !isDumb(env) && !isSet(env.CI) && !isSet(env.INK_SCREEN_READER)
  )
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}

/** @returns `undefined` where lines are written and read instead */
export function chatAt(args: Args, report: StderrReport): OpenRoom | undefined {
  if (!isChat(args, process.env)) return undefined
  if (!canDraw(report, 'chat', 'showing lines, as with --plain')) return undefined
  return async (facts) => {
    const { ProcessTerminal } = await import('./terminal.ts')
    const { openChat } = await import('../tui/chat.lazy.tsx')
    const room = openChat(new ProcessTerminal(), facts, {
      hasTimes: args.get(option.chat.time),
      bell: args.get(option.chat.bell),
      time: () => new Date().toTimeString().slice(0, 5),
    })
    // What is said on the same terminal has to stand in the scrollback.
    if (isTerminal(2)) report.divert = (text) => room.notice(text.trimEnd().replace(/^lswarm: /, ''))
    const undivert = () => {
      report.divert = undefined
    }
    // What is said of a crash is not to wait for a frame.
    process.prependListener('uncaughtException', undivert)
    const close = room.close.bind(room)
    room.close = () => {
      undivert()
      process.off('uncaughtException', undivert)
      close()
    }
    return room
  }
}
