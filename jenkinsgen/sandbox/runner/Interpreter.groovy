/** Runs a pipeline in the order of Jenkins: agent, environment, options, stages, post. */
class Interpreter {
    private final Build build
    private final Steps steps

    Interpreter(Build build, Steps steps) {
        this.build = build
        this.steps = steps
    }

    /** Runs everything; the build's result is complete when this returns. */
    void run(Pipeline pipeline) {
        setParameters(pipeline.parameters)
        build.console.timestamps = pipeline.options.timestamps
        try {
            onAgent(pipeline.agent) {
                withEnvironment(pipeline.environment) {
                    withOptions(pipeline.options) { body(pipeline) }
                }
            }
        } catch (Throwable error) {
            build.worsen(Result.of(error))
            build.report(error)
        }
    }

    private void setParameters(List<Parameter> parameters) {
        def given = build.request.parameters
        parameters.each { build.parameters[it.name] = given.containsKey(it.name) ? it.parse(given[it.name]) : it.initial }
        (given.keySet() - parameters*.name).each {
            build.console.line("Ignored the value of $it: the Jenkinsfile has no such parameter")
        }
    }

    private void body(Pipeline pipeline) {
        def error = attempt { stages(pipeline.stages, pipeline.options) }
        if (error) {
            build.worsen(Result.of(error))
        }
        if (pipeline.post) {
            def run = begin('Declarative: Post Actions')
            error = Flow.current().within(build.context().inStage(run)) {
                post(pipeline.post, error) { build.result }
            }
            end(run)
        }
        if (error) {
            throw error
        }
    }

    /** Runs stages one after the other; once one has failed the others are skipped. */
    private void stages(List<Stage> stages, Options options) {
        Throwable failed = null
        stages.each { stage ->
            if (failed) {
                skip(stage, 'earlier failure(s)')
            } else if (options.skipStagesAfterUnstable && build.result == Result.UNSTABLE) {
                skip(stage, 'unstable result')
            } else {
                failed = attempt { runStage(stage, options) }
                // What was interrupted may yet be caught, or be one branch of a stage that failed.
                if (failed && !(failed instanceof Interrupted)) {
                    build.worsen(Result.FAILURE)
                }
            }
        }
        if (failed) {
            throw failed
        }
    }

    private void skip(Stage stage, String reason) {
        def run = begin(stage.name)
        say(run, reason)
        end(run)
    }

    private void say(StageRun run, String reason) {
        build.console.line("Stage \"$run.name\" skipped due to $reason")
        run.skipped = true
    }

    private void runStage(Stage stage, Options inherited) {
        def run = begin(stage.name)
        Flow.current().within(build.context().inStage(run)) {
            try {
                enter(stage, inherited, run)
            } catch (Throwable error) {
                build.worsenStage(Result.of(error))
                throw error
            } finally {
                end(run)
            }
        }
    }

    /** Options, input, agent and environment of a stage; `when` is asked before one of them. */
    private void enter(Stage stage, Options inherited, StageRun run) {
        def when = (WhenSection) new WhenSection(steps).read(stage.when ?: { })
        def unlessSkipped = { String moment, Closure body ->
            if (when.moment == moment && !when.holds()) {
                say(run, 'when conditional')
            } else {
                body.call()
            }
        }
        unlessSkipped('options') {
            withOptions(stage.options) {
                unlessSkipped('input') {
                    withInput(stage.input) {
                        unlessSkipped('agent') {
                            onAgent(stage.agent) {
                                unlessSkipped('steps') {
                                    withEnvironment(stage.environment) { body(stage, inherited, run) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private void body(Stage stage, Options inherited, StageRun run) {
        run.result = Result.SUCCESS // this may be another try of `retry`
        def error = attempt { content(stage, inherited) }
        if (stage.post) {
            build.console.line('Post stage')
            error = post(stage.post, error) { run.result }
        }
        if (error) {
            throw error
        }
    }

    private void content(Stage stage, Options inherited) {
        if (stage.steps) {
            steps.call(stage.steps)
        } else if (stage.stages) {
            stages(stage.stages, inherited)
        } else {
            def failFast = stage.failFast || inherited.parallelsAlwaysFailFast
            new Branches(build, failFast).run(stage.parallel.collectEntries { branch ->
                [(branch.name): { runStage(branch, inherited) }]
            })
        }
    }

    /** Runs the conditions that hold, asking for the result anew each time; returns the error to go on with. */
    private Throwable post(Map<String, Closure> conditions, Throwable error, Closure<Result> result) {
        def previous = build.request.previous ? Result.valueOf(build.request.previous.result) : null
        PostConditions.ORDER.findAll { conditions[it] }.each { name ->
            def present = error ? result().worst(Result.of(error)) : result()
            if (PostConditions.holds(name, present, previous)) {
                def failure = attempt { steps.call(conditions[name]) }
                if (failure) {
                    build.console.line("Error when executing $name post condition:")
                    build.report(failure)
                    error = error ?: failure
                }
            }
        }
        error
    }

    /** Calls the body and returns what it throws; the result of the stage gets worse accordingly. */
    private Throwable attempt(Closure body) {
        try {
            body.call()
            return null
        } catch (Throwable error) {
            build.worsenStage(Result.of(error))
            return error
        }
    }

    private Object onAgent(Agent agent, Closure body) {
        agent == null || agent.none ? body.call() : build.onNode(body)
    }

    private Object withOptions(Options options, Closure body) {
        def retried = options.retry ? { Retries.run(build.console, options.retry, body) } : body
        options.timeout ? new Timeouts(build.console).limit(options.timeout, retried) : retried.call()
    }

    private Object withInput(Closure block, Closure body) {
        if (!block) {
            return body.call()
        }
        def input = ((InputSection) new InputSection(steps).read(block)).input
        def values = build.approve(input).collectEntries { name, value -> [(name): String.valueOf(value)] }
        Flow.current().within(build.context().withVariables(values), body)
    }

    private Object withEnvironment(Closure block, Closure body) {
        if (!block) {
            return body.call()
        }
        def values = new EnvironmentSection(steps).values(block)
        def inner = { Flow.current().within(build.context().withVariables(values.variables), body) }
        if (!values.credentials) {
            return inner.call()
        }
        def secrets = new SecretFiles(build.requireNode().temporary())
        build.withSecrets(secrets, {
            values.credentials.collect { name, id -> build.credentials.bindByName(name, id, secrets) }
        }, inner)
    }

    private StageRun begin(String name) {
        def run = new StageRun(name)
        build.stages << run
        build.console.step('stage')
        build.console.step("{ ($name)")
        run
    }

    private void end(StageRun run) {
        run.end()
        build.console.step('}')
        build.console.step('// stage')
    }
}
