import { getMetadataArgsStorage } from 'typeorm'

/** State of a module of the project. */
export const left: string[] = []

/** What of another test file is still there. */
export function remains(): string[] {
  const found = {
    'a global variable': 'leftBehind' in globalThis,
    'a global symbol': Object.getOwnPropertySymbols(globalThis).some(symbol => symbol.description === 'left behind'),
    'a replaced global': globalThis.structuredClone.name === 'leftBehind',
    'faked time': 'clock' in Date,
    'a replaced method': Math.max.name === 'mockConstructor' || Math.max(1, 2) !== 2,
    'an environment variable': process.env['LEFT_BEHIND'] !== undefined,
    'a changed environment variable': process.env['PATH'] === 'left behind',
    'a deleted environment variable': process.env['HOME'] === undefined,
    'a listener of the process': process.listeners('SIGUSR2').some(({ name }) => name === 'leftBehind'),
    'a module of the project': left.length > 0,
    'metadata of entities': getMetadataArgsStorage().tables.some(({ name }) => name === 'left behind'),
  }
  return Object.entries(found).flatMap(([name, there]) => (there ? [name] : []))
}

/** Leaves all of it behind. */
export function leaveAll(): void {
  const globals = globalThis as Record<PropertyKey, unknown>
  globals['leftBehind'] = 1
  globals[Symbol('left behind')] = 1
  globals['structuredClone'] = function leftBehind() {}
  jest.useFakeTimers()
  jest.spyOn(Math, 'max').mockReturnValue(0)
  process.env['LEFT_BEHIND'] = '1'
  process.env['PATH'] = 'left behind'
  delete process.env['HOME']
  process.on('SIGUSR2', function leftBehind() {})
  left.push('something')
  getMetadataArgsStorage().tables.push({ target: String, name: 'left behind', type: 'regular' })
}
