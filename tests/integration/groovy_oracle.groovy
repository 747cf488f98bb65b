// Reads a JSON list of scripts on stdin, writes for each what Groovy's own compiler says: null, or
// {phase, line, column, message}. Phases: parsing, conversion, semantic analysis.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilationFailedException
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases

def verdict(String text) {
    def failed = null
    for (phase in [Phases.PARSING, Phases.CONVERSION, Phases.SEMANTIC_ANALYSIS]) {
        def unit = new CompilationUnit()
        unit.addSource('WorkflowScript', text)
        try {
            unit.compile(phase)
        } catch (CompilationFailedException e) {
            def collector = e.errorCollector
            def error = collector.getSyntaxError(0)
            return [phase: phase, line: error?.line, column: error?.startColumn,
                    message: (error?.originalMessage ?: e.message)]
        } catch (Throwable e) {
            return [phase: phase, line: null, column: null, message: e.toString()]
        }
    }
    return failed
}

def scripts = new JsonSlurper().parseText(System.in.getText('UTF-8'))
System.out.write(JsonOutput.toJson(scripts.collect { verdict(it) }).getBytes('UTF-8'))
