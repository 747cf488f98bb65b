import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions

/** `sh`: `sh -xe` of a file, or the file itself where its very first characters are `#!`. */
class ShellSteps extends StepLibrary {
    ShellSteps(Build build) {
        super(build)
    }

    Map<String, List<String>> parameters() {
        [sh: ['script', 'returnStdout', 'returnStatus', 'label', 'encoding']]
    }

    Object sh(Map arguments, Closure body) {
        warnOfSecrets(arguments.script)
        def context = build.requireNode()
        def file = write(arguments.script as String)
        def line = arguments.script.startsWith('#!') ? [file.path] : ['sh', '-xe', file.path]
        def done = build.command(file.parentFile).run(line, context.directory, build.environment(),
            arguments.returnStdout as boolean)
        if (arguments.returnStatus) {
            return done.status
        }
        if (done.status != 0) {
            throw new StepFailed("script returned exit code $done.status")
        }
        done.output
    }

    private File write(String script) {
        def file = new File(build.controlFolder(), 'script.sh')
        file.setText(script, 'UTF-8')
        Files.setPosixFilePermissions(file.toPath(), PosixFilePermissions.fromString('rwxr-xr-x'))
        file
    }

    private void warnOfSecrets(Object script) {
        if (script instanceof GString && script.values.any { build.console.conceals(String.valueOf(it)) }) {
            build.console.line('Warning: A secret was passed to "sh" using Groovy String interpolation, which is insecure.')
        }
    }
}
