import { runHttpApp } from '#libs/http'
import { connectProjector, ProjectorModule } from './projector.module.js'

await runHttpApp('projector', { module: ProjectorModule.register(), prepare: connectProjector })
