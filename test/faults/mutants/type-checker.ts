import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** Type-checks changed files of the project, as if they stood in it. What is common to all checks is read once. */
export class TypeChecker {
  private readonly options: ts.CompilerOptions
  private readonly service: ts.LanguageService
  private readonly versions = new Map<string, number>()
  private changed: ReadonlyMap<string, string> = new Map()

  constructor(private readonly project: string) {
    const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile)
    this.options = ts.convertCompilerOptionsFromJson(config.compilerOptions, project).options
    this.service = ts.createLanguageService({
      getCompilationSettings: () => ({ ...this.options, noEmit: true }),
      getScriptFileNames: () => [...this.changed.keys()],
      getScriptVersion: file => String(this.versions.get(file) ?? 0),
      getScriptSnapshot: file => {
        const text = this.changed.get(file) ?? (ts.sys.fileExists(file) ? readFileSync(file, 'utf8') : undefined)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => project,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    })
  }

  /** What the compiler says against the texts of these files (by path in the project). */
  errors(files: ReadonlyMap<string, string>): string[] {
    const before = this.changed
    this.changed = new Map([...files].map(([file, text]) => [join(this.project, file), text]))
    for (const file of [...before.keys(), ...this.changed.keys()]) {
      this.versions.set(file, (this.versions.get(file) ?? 0) + 1)
    }
    return [...this.changed.keys()].flatMap(file =>
      [...this.service.getSyntacticDiagnostics(file), ...this.service.getSemanticDiagnostics(file)].map(
        ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      ),
    )
  }
}
