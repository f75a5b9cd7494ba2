import { createRequire, isBuiltin } from 'node:module'
import { compileFunction } from 'node:vm'
import Runtime from 'jest-runtime'

// As a module of a package, since Node warns of ES modules that other files require.
const requirePackage = createRequire(new URL('../../node_modules/index.cjs', import.meta.url))
const isPackage = name => !/^[./#]/.test(name) && !isBuiltin(name)

/** Functions of modules by file: calling one again makes a new module. */
const compiled = new Map()

/**
 * The module loader of Jest, with two differences. Packages are loaded by Node, once a worker process: to load Nest and TypeORM for each test
 * file took longer than most tests. The project's own modules are compiled once a process, and run again for each test file.
 */
export default class SharedPackages extends Runtime {
  constructor(...args) {
    super(...args)
    this.executor.compile = (code, filename) => compile(code, this.executor.injectedModuleParameters, filename)
  }

  requireModule(from, name, options, isRequireActual) {
    if (name !== undefined && !options?.isInternalModule && isPackage(name)) return requirePackage(name)
    return super.requireModule(from, name, options, isRequireActual)
  }
}

function compile(code, parameters, filename) {
  const known = compiled.get(filename)
  if (known?.code === code) return known.run
  const run = compileFunction(code, parameters, { filename })
  compiled.set(filename, { code, run })
  return run
}
