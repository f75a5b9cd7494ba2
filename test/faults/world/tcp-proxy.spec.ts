import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { until } from '#dev'
import { TcpProxy } from './tcp-proxy.js'

/** Responds to each text with the same in capitals. */
let echo: Server
let received: string
let lost: Promise<unknown>
let proxy: TcpProxy

beforeEach(async () => {
  received = ''
  echo = createServer(socket => {
    lost = new Promise(resolve => socket.on('close', resolve))
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      received += chunk.toString()
      socket.write(chunk.toString().toUpperCase())
    })
  })
  await once(echo.listen(0, '127.0.0.1'), 'listening')
  proxy = await TcpProxy.start((echo.address() as AddressInfo).port)
})
afterEach(async () => {
  await proxy.close()
  echo.close()
})

class Client {
  readonly broken: Promise<string>
  text = ''

  private constructor(readonly socket: Socket) {
    socket.on('data', chunk => (this.text += chunk.toString()))
    this.broken = new Promise(resolve => {
      socket.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
      socket.on('close', () => resolve('closed'))
    })
  }

  static async connect(): Promise<Client> {
    const client = new Client(connect(proxy.port, '127.0.0.1'))
    await Promise.race([once(client.socket, 'connect'), client.broken])
    return client
  }

  async ask(text: string): Promise<string> {
    this.socket.write(text)
    await once(this.socket, 'data')
    return this.text
  }
}

test('forwards data both ways, and the end of the connection', async () => {
  const client = await Client.connect()
  expect(await client.ask('hello')).toBe('HELLO')
  client.socket.end()
  await lost
  expect(await client.broken).toBe('closed')
  await until(() => proxy.connections === 0, 'both connections to end')
})

test('forwards more data than fits into buffers', async () => {
  const client = await Client.connect()
  const megabytes = 8
  client.socket.write('x'.repeat(megabytes << 20))
  while (client.text.length < megabytes << 20) await once(client.socket, 'data')
  expect(client.text).toBe('X'.repeat(megabytes << 20))
})

test('reset breaks open connections, and new ones are forwarded', async () => {
  const client = await Client.connect()
  await client.ask('one')
  proxy.reset()
  expect(await client.broken).toBe('ECONNRESET')
  await lost
  expect(await (await Client.connect()).ask('two')).toBe('TWO')
})

test('blackHole drops data, and afterwards only connections without traffic meanwhile continue', async () => {
  const silent = await Client.connect()
  await silent.ask('one')
  const talker = await Client.connect()
  await talker.ask('two')
  const talkersEnd = lost
  proxy.blackHole(true)
  const late = await Client.connect()
  talker.socket.write('into the hole')
  late.socket.write('into the hole')
  // The same event loop runs the proxy: its side has read both when a write of another pair has gone there and back.
  await roundTrip()
  proxy.blackHole(false)

  expect(await talker.broken).toBe('ECONNRESET')
  expect(await late.broken).toBe('ECONNRESET')
  expect(await silent.ask('three')).toBe('ONETHREE')
  await talkersEnd
  expect(received).toBe('onetwothree')
})

test('dropAnswers forwards requests and drops responses', async () => {
  const client = await Client.connect()
  await client.ask('one')
  proxy.dropAnswers(true)
  client.socket.write('two')
  await until(() => received === 'onetwo', 'the question to arrive')
  await roundTrip()
  proxy.dropAnswers(false)
  expect(await client.broken).toBe('ECONNRESET')
  expect(client.text).toBe('ONE')
})

test('latency delays data in order', async () => {
  const client = await Client.connect()
  await client.ask('first')
  proxy.latency(40)
  const since = performance.now()
  client.socket.write('a')
  await roundTrip()
  proxy.latency(0)
  client.socket.write('b')
  while (client.text !== 'FIRSTAB') await once(client.socket, 'data')
  expect(performance.now() - since).toBeGreaterThanOrEqual(39)
})

test('refuse rejects new connections and keeps open ones', async () => {
  const client = await Client.connect()
  await client.ask('one')
  proxy.refuse(true)
  expect(await (await Client.connect()).broken).toBe('ECONNRESET')
  expect(await client.ask('two')).toBe('ONETWO')
  proxy.refuse(false)
  expect(await (await Client.connect()).ask('three')).toBe('THREE')
})

test('an unavailable server breaks the connection', async () => {
  echo.close()
  await once(echo, 'close')
  expect(await (await Client.connect()).broken).toBe('ECONNRESET')
})

/** Lets the event loop handle pending socket events, by a connection of its own. */
async function roundTrip(): Promise<void> {
  const side = createServer(socket => socket.end('x'))
  await once(side.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((side.address() as AddressInfo).port, '127.0.0.1')
  socket.resume()
  await once(socket, 'close')
  side.close()
}
