/**
 * What the words inside a block of the Jenkinsfile mean while it is read.
 *
 * A subclass has one method for each word of its block; every other word is an error at its line.
 */
abstract class Section {
    /** Reads a block with this section and returns the section. */
    Section read(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body.call()
        this
    }

    protected String unknown(String word) {
        "Undefined section \"$word\""
    }

    Object methodMissing(String name, Object arguments) {
        throw new PipelineError(unknown(name))
    }

    Object propertyMissing(String name) {
        throw new PipelineError(unknown(name))
    }

    protected void once(Object present, String word) {
        if (present) {
            throw new PipelineError("Multiple occurrences of the $word section")
        }
    }
}

class AgentSection extends Section {
    static final Object any = new Agent()
    static final Object none = new Agent(none: true)
    Agent agent

    void label(Object text) { agent = new Agent() }
    void node(Closure body) { agent = ((AgentSection) new AgentSection().read(body)).agent }

    protected String unknown(String word) {
        "Invalid agent type \"$word\" specified. Must be one of [any, label, none]"
    }
}

class OptionsSection extends Section {
    private static final Set<String> WITHOUT_EFFECT_HERE = [
        'buildDiscarder', 'logRotator', 'disableConcurrentBuilds', 'disableRestartFromStage', 'disableResume',
        'durabilityHint', 'preserveStashes', 'quietPeriod', 'skipDefaultCheckout', 'checkoutToSubdirectory',
        'newContainerPerStage']
    final Options options = new Options()

    void timeout(Map arguments) { options.timeout = arguments }
    void timeout(int minutes) { options.timeout = [time: minutes] }
    void retry(int count) { options.retry = count }
    void timestamps() { options.timestamps = true }
    void parallelsAlwaysFailFast() { options.parallelsAlwaysFailFast = true }
    void skipStagesAfterUnstable() { options.skipStagesAfterUnstable = true }

    Object methodMissing(String name, Object arguments) {
        if (!(name in WITHOUT_EFFECT_HERE)) {
            super.methodMissing(name, arguments)
        }
    }

    protected String unknown(String word) {
        "Invalid option type \"$word\""
    }
}

class ParametersSection extends Section {
    final List<Parameter> parameters = []

    Object methodMissing(String name, Object arguments) {
        def parameter = Parameter.of(name, arguments[0] as Map)
        if (!parameter) {
            throw new PipelineError(unknown(name))
        }
        parameters << parameter
    }

    protected String unknown(String word) {
        "Invalid parameter type \"$word\""
    }
}

class TriggersSection extends Section {
    Object methodMissing(String name, Object arguments) {
        if (!(name in ['cron', 'pollSCM', 'upstream'])) {
            super.methodMissing(name, arguments)
        }
    }

    /** A part of a class name such as hudson.model.Result.SUCCESS, which nothing here looks at. */
    Object propertyMissing(String name) { this }

    protected String unknown(String word) {
        "Invalid trigger type \"$word\""
    }
}

class PostSection extends Section {
    final Map<String, Closure> conditions = [:]

    Object methodMissing(String name, Object arguments) {
        if (!(name in PostConditions.ORDER)) {
            throw new PipelineError("Invalid condition \"$name\" - valid conditions are ${PostConditions.ORDER}")
        }
        conditions[name] = arguments[0] as Closure
    }
}

/** An `input` block; read when its stage asks, so that it sees variables. */
class InputSection extends Section {
    private final Steps steps
    final Input input = new Input()

    InputSection(Steps steps) {
        this.steps = steps
    }

    Object propertyMissing(String name) { steps.getProperty(name) }

    void message(String text) { input.message = text }
    void ok(String text) { input.ok = text }
    void id(String text) { }
    void submitter(String names) { }
    void submitterParameter(String name) { input.submitterParameter = name }
    void parameters(Closure body) {
        input.parameters = ((ParametersSection) new ParametersSection().read(body)).parameters
    }
}
