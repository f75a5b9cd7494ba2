import { projectFolder } from '#dev'
import { kinds } from '../kinds/index.js'
import { changed } from './build.js'
import { mutants } from './index.js'

it.each(mutants)('$name can be made of the sources as they are', mutant => {
  const files = new Set(mutant.edits.map(({ file }) => file))
  expect(new Set(changed(mutant, projectFolder).keys())).toEqual(files)
})

it.each(mutants)('the kinds of fault that show $name are known', mutant => {
  const known = kinds.map(({ name }) => name)
  expect(mutant.kinds.filter(name => !known.includes(name))).toEqual([])
})
