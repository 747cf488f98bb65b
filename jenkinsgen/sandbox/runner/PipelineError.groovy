/** The Jenkinsfile says something that a declarative pipeline does not know, at a line of the file. */
class PipelineError extends RuntimeException {
    /** The name that the Jenkinsfile is compiled under, as in Jenkins; stack frames carry it. */
    static final String SCRIPT = 'WorkflowScript'

    final int line

    PipelineError(String message) {
        super(message)
        line = lineOf(this)
    }

    String describe() {
        "$SCRIPT: $line: $message @ line ${line}."
    }

    /** The innermost line of the Jenkinsfile in a stack trace, 0 when there is none. */
    static int lineOf(Throwable error) {
        error.stackTrace.find { it.fileName == SCRIPT }?.lineNumber ?: 0
    }
}
