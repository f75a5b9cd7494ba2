export { until } from '#dev'
export { AppProcess, type AppName, type AppSettings, type Exit } from './apps/app-process.js'
export { CommandLine } from './apps/command-line.js'
export {
  deploymentsPath,
  HttpClient,
  type HttpAnswer,
  type HttpRequest,
  incidentsPath,
  sendBytes,
} from './http/http-client.js'
export { countResults, importRecords, type ImportRun, type LineResult } from './http/import-client.js'
export { type OwnServers, startOwnServers } from './servers/own-servers.js'
export { expectProblem, type ProblemPlace } from './http/problem.js'
export { random, shuffled } from './random.js'
export { runs } from './runs.js'
export { brokers, createDatabase, freshTopicName, type TestDatabase } from './servers/servers.js'
export { type Service, startService } from './apps/service.js'
export { Written } from './servers/written.js'
