/** The verbs, in the order of help. A verb's own code is imported when it runs: a start pays for one of them. */
import type { Command } from './command.ts'
import { bootstrapCommand } from './commands/bootstrap.ts'
import { bridgeCommand } from './commands/bridge.ts'
import { completionCommand } from './commands/completion.ts'
import { connectCommand } from './commands/connect.ts'
import { execCommand } from './commands/exec.ts'
import { idCommand } from './commands/id.ts'
import { joinCommand } from './commands/join.ts'
import { keyCommand } from './commands/key.ts'
import { limitsCommand } from './commands/limits.ts'
import { listenCommand } from './commands/listen.ts'
import { peersCommand } from './commands/peers.ts'
import { pubCommand } from './commands/pub.ts'
import { recvCommand } from './commands/recv.ts'
import { sendCommand } from './commands/send.ts'
import { subCommand } from './commands/sub.ts'
import { topCommand } from './commands/top.ts'
import { topicsCommand } from './commands/topics.ts'
import { waitCommand } from './commands/wait.ts'

export const commands: readonly Command[] = [
  joinCommand,
  sendCommand,
  recvCommand,
  execCommand,
  connectCommand,
  listenCommand,
  pubCommand,
  subCommand,
  idCommand,
  bridgeCommand,
  waitCommand,
  peersCommand,
  topicsCommand,
  topCommand,
  keyCommand,
  bootstrapCommand,
  completionCommand,
  limitsCommand,
]
