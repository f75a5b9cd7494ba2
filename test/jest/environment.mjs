import { ModernFakeTimers } from '@jest/fake-timers'
import { ModuleMocker } from 'jest-mock'

// Node loads `fetch` on first use, and it keeps its state in a global variable, which would look like one of a test file.
void globalThis.Response

/**
 * An environment of Jest that runs test files in the context of the worker process, one after the other, so that they can share packages
 * (`runtime.mjs`): an `Array` or `Error` of a package is that of the test. What a file adds to global variables, environment variables and
 * listeners of the process is removed behind it.
 */
export default class SharedContext {
  global = globalThis

  constructor({ projectConfig }) {
    this.moduleMocker = new ModuleMocker(globalThis)
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis })
    this.restore = [keepProperties(globalThis), keepProperties(process.env), keepExit(), keepListeners()]
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose()
    for (const restore of this.restore) restore()
  }

  exportConditions() {
    return ['node', 'node-addons']
  }

  /** None: `runtime.mjs` compiles modules for the context of the process. */
  getVmContext() {
    return null
  }
}

/** Notes the properties of an object. Returns a function that gives it these again. */
function keepProperties(object) {
  const kept = Object.getOwnPropertyDescriptors(object)
  return () => {
    for (const key of Reflect.ownKeys(object)) {
      if (!Object.hasOwn(kept, key)) Reflect.deleteProperty(object, key)
    }
    for (const key of Reflect.ownKeys(kept)) {
      if (Object.getOwnPropertyDescriptor(object, key)?.value !== kept[key].value)
        Reflect.defineProperty(object, key, kept[key])
    }
  }
}

// Jest replaces it for each test file.
function keepExit() {
  const { exit } = process
  return () => {
    process.exit = exit
  }
}

function keepListeners() {
  const listeners = () => new Map(process.eventNames().map(name => [name, process.rawListeners(name)]))
  const kept = listeners()
  return () => {
    for (const [name, now] of listeners()) {
      for (const listener of now) if (!kept.get(name)?.includes(listener)) process.removeListener(name, listener)
    }
  }
}
