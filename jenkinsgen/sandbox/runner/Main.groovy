import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilationFailedException
import org.codehaus.groovy.control.CompilerConfiguration
import sun.misc.Signal
import sun.misc.SignalHandler

/** Runs one build: reads what is asked, secrets with it, from standard input, and leaves log, archive and build.json in the build's folder. */
class Main {
    static void main(String[] arguments) {
        def request = new JsonSlurper().parse(System.in, 'UTF-8') as Map
        def build = new Build(request)
        build.console.line("Started by user admin")
        new Main(build).run()
        System.exit(build.result == Result.SUCCESS ? 0 : 1)
    }

    private final Build build

    Main(Build build) {
        this.build = build
    }

    private void run() {
        def started = System.nanoTime()
        def flow = Flow.begin(new Context(null, null, [:], null))
        stopOnSignals(flow)
        execute()
        // As at the end of a node block: what a finished `sh` left in the background ends too.
        Processes.terminate("JENKINS_NODE_COOKIE=$build.nodeCookie")
        new File(build.folder, 'stashes').deleteDir()
        def seconds = ((System.nanoTime() - started) / 1.0e9).setScale(3, BigDecimal.ROUND_HALF_UP)
        def summary = JsonOutput.toJson(build.summary() + [seconds: seconds])
        new File(build.folder, 'build.json').setText(JsonOutput.prettyPrint(summary) + '\n', 'UTF-8')
        build.console.timestamps = false
        build.console.line("Finished: $build.result")
        build.console.close()
    }

    /** SIGTERM and SIGINT are a person's click on stop: the running step is interrupted, the build aborted. */
    private void stopOnSignals(Flow flow) {
        ['TERM', 'INT'].each { name ->
            Signal.handle(new Signal(name), { signal ->
                build.console.line('Aborted by admin')
                build.worsen(Result.ABORTED)
                flow.interrupt(new Interrupted('Aborted by admin', true))
            } as SignalHandler)
        }
    }

    private void execute() {
        try {
            def script = load()
            build.console.step('Start of Pipeline')
            script.execute(build)
            build.console.step('End of Pipeline')
        } catch (CompilationFailedException error) {
            build.console.line(error.message)
            build.worsen(Result.FAILURE)
        } catch (Throwable error) {
            build.report(error)
            build.worsen(Result.FAILURE)
        }
    }

    private PipelineScript load() {
        def configuration = new CompilerConfiguration(scriptBaseClass: PipelineScript.name)
        def shell = new GroovyShell(Main.classLoader, new Binding(), configuration)
        def file = new File(build.request.jenkinsfile)
        def source = new GroovyCodeSource(file.getText('UTF-8'), PipelineError.SCRIPT, '/groovy/shell')
        (PipelineScript) shell.parse(source)
    }
}
