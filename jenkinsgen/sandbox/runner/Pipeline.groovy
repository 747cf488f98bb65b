/** A declarative pipeline as the Jenkinsfile describes it; closures are what runs later. */
class Pipeline {
    Agent agent
    Closure environment
    Options options = new Options()
    List<Parameter> parameters = []
    List<Stage> stages = []
    Map<String, Closure> post = [:]
}

/** A stage with one of: steps, stages one after the other, stages side by side. */
class Stage {
    String name
    Agent agent
    Closure environment
    Options options = new Options()
    Closure when
    Closure input
    Closure steps
    List<Stage> stages
    List<Stage> parallel
    boolean failFast
    Map<String, Closure> post = [:]
}

/** Where a pipeline or stage runs; every label is this machine. */
class Agent {
    boolean none
}

/** The options that change how a build runs here; the others are only checked for their names. */
class Options {
    Map timeout
    Integer retry
    boolean timestamps
    boolean parallelsAlwaysFailFast
    boolean skipStagesAfterUnstable
}

class Input {
    String message
    String ok
    String submitterParameter
    List<Parameter> parameters = []
}

class Parameter {
    String name
    Object initial
    List<String> choices

    /** The parameter that `string(name: ...)` and its like describe; null for an unknown type. */
    static Parameter of(String type, Map arguments) {
        switch (type) {
            case ['string', 'text', 'password']:
                return new Parameter(name: arguments.name, initial: arguments.defaultValue ?: '')
            case 'booleanParam':
                return new Parameter(name: arguments.name, initial: arguments.defaultValue as boolean)
            case 'choice':
                def given = arguments.choices
                def choices = given instanceof CharSequence ? given.readLines() : given*.toString()
                return new Parameter(name: arguments.name, initial: choices.first(), choices: choices)
        }
        null
    }

    /** What a text given by a person means; throws when it is not among the choices. */
    Object parse(String text) {
        if (choices && !(text in choices)) {
            throw new StepFailed("Illegal choice for parameter $name: $text")
        }
        initial instanceof Boolean ? text == 'true' : text
    }
}
