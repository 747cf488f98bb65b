import java.util.concurrent.TimeUnit

/** Steps that talk, wait, or say how the build goes on. */
class FlowSteps extends StepLibrary {
    FlowSteps(Build build) {
        super(build)
    }

    Map<String, List<String>> parameters() {
        [echo: ['message'], error: ['message'], unstable: ['message'], sleep: ['time', 'unit'],
         input: ['message', 'id', 'ok', 'submitter', 'submitterParameter', 'parameters']]
    }

    void echo(Map arguments, Closure body) {
        build.console.line(arguments.message)
    }

    void error(Map arguments, Closure body) {
        throw new StepFailed(String.valueOf(arguments.message ?: ''))
    }

    void unstable(Map arguments, Closure body) {
        build.console.line("WARNING: $arguments.message")
        build.worsen(Result.UNSTABLE)
        build.worsenStage(Result.UNSTABLE)
    }

    void sleep(Map arguments, Closure body) {
        def unit = TimeUnit.valueOf(arguments.unit ?: 'SECONDS')
        build.console.line("Sleeping for ${Timeouts.say(unit.toMillis(arguments.time as long))}")
        Flow.current().throwIfInterrupted()
        try {
            unit.sleep(arguments.time as long)
        } catch (InterruptedException ignored) {
            Flow.current().throwIfInterrupted()
        }
    }

    /** Returns what Jenkins does: the one value asked for, or a map of several. */
    Object input(Map arguments, Closure body) {
        def wanted = (arguments.parameters ?: []).collect { Described parameter ->
            Parameter.of(parameter.type, parameter.arguments)
        }
        def values = build.approve(new Input(message: arguments.message, submitterParameter: arguments.submitterParameter,
                                             parameters: wanted))
        values.size() > 1 ? values : values.values().find()
    }
}
