import java.util.concurrent.TimeUnit

/**
 * Runs one process to its end, shows its output while it runs, and hands an interrupt on to it.
 *
 * Its output goes to a file, as in Jenkins: no terminal, and a background process may outlive the step.
 */
class Command {
    static final int STOP_SECONDS = 20
    private static final int POLL_MILLISECONDS = 10

    private final Console console
    private final File folder
    private final String cookie
    private Interrupted interrupted
    private long givenUp

    /** The folder, which must not exist yet, keeps the log; the cookie marks the processes. */
    Command(Console console, File folder) {
        this.console = console
        this.folder = folder
        this.cookie = "JENKINS_SERVER_COOKIE=$folder.name"
    }

    /** The exit code and, if captured, standard output; throws Interrupted when it did not survive an interrupt. */
    Map run(List<String> arguments, File directory, Map<String, String> environment, boolean capture) {
        Flow.current().throwIfInterrupted()
        directory.mkdirs()
        def log = new File(folder, 'jenkins-log.txt')
        def output = capture ? new File(folder, 'output.txt') : log
        def process = start(arguments, directory, environment, log, output)
        int status = await(process, new Tail(log, console))
        if (interrupted && status != 0) {
            console.line("script returned exit code $status")
            throw interrupted
        }
        [status: status, output: capture ? output.getText('UTF-8') : null]
    }

    private Process start(List<String> arguments, File directory, Map environment, File log, File output) {
        def builder = new ProcessBuilder(arguments).directory(directory)
        builder.environment().clear()
        builder.environment().putAll(environment)
        builder.environment().putAll([cookie.split('=', 2) as List].collectEntries())
        builder.redirectInput(new File('/dev/null')).redirectOutput(output)
        output == log ? builder.redirectErrorStream(true) : builder.redirectError(log)
        try {
            return builder.start()
        } catch (IOException error) {
            throw new StepFailed("could not start ${arguments.first()}: ${error.message}")
        }
    }

    private int await(Process process, Tail tail) {
        boolean ended = false
        while (!ended) {
            try {
                ended = process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS)
            } catch (InterruptedException ignored) {
                stop(Flow.current().takeInterrupt())
            }
            tail.copy()
            if (!ended && interrupted && System.nanoTime() > givenUp) {
                console.line("After ${STOP_SECONDS}s process did not stop")
                throw interrupted
            }
        }
        tail.finish()
        process.exitValue()
    }

    private void stop(Interrupted cause) {
        // A second interrupt signals the process again but does not give it another 20 seconds.
        if (!interrupted) {
            interrupted = cause
            givenUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS)
        }
        console.line('Sending interrupt signal to process')
        Processes.terminate(cookie)
    }
}
