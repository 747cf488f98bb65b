/** Steps with a body. */
class BlockSteps extends StepLibrary {
    private final Steps steps

    BlockSteps(Build build, Steps steps) {
        super(build)
        this.steps = steps
    }

    Map<String, List<String>> parameters() {
        [script: [], dir: ['path'], withEnv: ['overrides'], withCredentials: ['bindings'], node: ['label'],
         timeout: ['time', 'unit'], retry: ['count'], timestamps: [], parallel: ['*'],
         catchError: ['message', 'buildResult', 'stageResult', 'catchInterruptions'],
         warnError: ['message', 'catchInterruptions']]
    }

    Object script(Map arguments, Closure body) {
        steps.call(body)
    }

    Object dir(Map arguments, Closure body) {
        def context = build.requireNode()
        def folder = arguments.path.startsWith('/') ? new File(arguments.path) : new File(context.directory, arguments.path)
        build.console.line("Running in $folder.path")
        Flow.current().within(context.inDirectory(folder)) { steps.call(body) }
    }

    /** `PATH+NAME=folder` puts a folder in front of PATH. */
    Object withEnv(Map arguments, Closure body) {
        def added = arguments.overrides.collectEntries { line ->
            def (String name, String value) = line.toString().split('=', 2)
            if (!name.contains('+')) {
                return [(name): value]
            }
            def variable = name.tokenize('+').first()
            def present = build.environment()[variable]
            [(variable): present ? "$value:$present".toString() : value]
        }
        Flow.current().within(build.context().withVariables(added)) { steps.call(body) }
    }

    Object withCredentials(Map arguments, Closure body) {
        def secrets = new SecretFiles(build.requireNode().temporary())
        build.withSecrets(secrets, { arguments.bindings.collect { build.credentials.bind(it, secrets) } }) {
            steps.call(body)
        }
    }

    Object node(Map arguments, Closure body) {
        build.onNode { steps.call(body) }
    }

    Object timeout(Map arguments, Closure body) {
        new Timeouts(build.console).limit(arguments) { steps.call(body) }
    }

    Object retry(Map arguments, Closure body) {
        Retries.run(build.console, arguments.count as int) { steps.call(body) }
    }

    Object timestamps(Map arguments, Closure body) {
        build.console.timestamps = true
        steps.call(body)
    }

    Object parallel(Map arguments, Closure body) {
        def failFast = arguments.failFast as boolean
        def branches = arguments.findAll { name, branch -> branch instanceof Closure }
        new Branches(build, failFast).run(branches.collectEntries { name, branch -> [(name): { steps.call(branch) }] })
    }

    /** As in Jenkins this also swallows an interrupt, unless told not to. */
    void catchError(Map arguments, Closure body) {
        try {
            steps.call(body)
        } catch (Throwable error) {
            if (error instanceof Interrupted && arguments.catchInterruptions == false) {
                throw error
            }
            def natural = Result.of(error)
            def interrupted = natural == Result.ABORTED
            if (arguments.message) {
                build.console.line("ERROR: $arguments.message")
            }
            build.report(error)
            def result = interrupted ? natural : Result.valueOf(arguments.buildResult ?: 'FAILURE')
            build.console.line("Setting overall build result to $result")
            build.worsen(result)
            build.worsenStage(interrupted ? natural : Result.valueOf(arguments.stageResult ?: result.name()))
        }
    }

    void warnError(Map arguments, Closure body) {
        catchError(arguments + [buildResult: 'UNSTABLE', stageResult: 'UNSTABLE'], body)
    }
}
