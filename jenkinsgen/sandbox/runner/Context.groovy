import groovy.transform.Immutable

/** What surrounds a step: the workspace of its node (null without one), the folder, variables and the stage. */
@Immutable(knownImmutableClasses = [File, StageRun])
class Context {
    File workspace
    File directory
    /** Of `environment` blocks, `withEnv` and `withCredentials`: stronger than all other variables. */
    Map<String, String> variables
    StageRun stage

    Context onNode(File folder) {
        new Context(folder, folder, variables, stage)
    }

    Context inDirectory(File folder) {
        new Context(workspace, folder, variables, stage)
    }

    Context withVariables(Map<String, String> added) {
        new Context(workspace, directory, variables + added, stage)
    }

    Context inStage(StageRun run) {
        new Context(workspace, directory, variables, run)
    }

    File temporary() {
        new File("${workspace.path}@tmp")
    }
}
