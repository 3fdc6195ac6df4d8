/** `bootstrap`: the first node of a private network, until interrupted. */
import { bootstrapNode } from '../transport/dht/dht.ts'
import { type Context, until } from './context.ts'
import { print } from './table.ts'

export interface BootstrapOptions {
  /** An IPv4 address at which others reach us. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** Prints the option that others need, and nothing else. */
export async function bootstrap(context: Context, { host, port }: BootstrapOptions): Promise<void> {
  const { signal } = context
  context.checkStdout()
  const node = await bootstrapNode(host, port)
  try {
    await print(context, `--bootstrap ${node.address}\n`)
    await until(signal, new Promise(() => {}))
  } finally {
    await node.destroy()
  }
}
