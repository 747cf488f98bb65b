/** One build: what it was asked to do, what surrounds it, and what came of it so far. */
class Build {
    final Map request
    final Console console
    final File folder
    final Credentials credentials
    final Map<String, Object> parameters = [:]
    /** What the Jenkinsfile set with `env.NAME = ...`; weaker than its `environment` blocks. */
    final Map<String, String> overrides = [:].asSynchronized()
    final List<StageRun> stages = [].asSynchronized()
    final Set<String> usedWorkspaces = [] as Set
    final String nodeCookie = UUID.randomUUID()
    Result result = Result.SUCCESS
    String displayName
    String description

    Build(Map request) {
        this.request = request
        folder = new File(request.folder)
        console = new Console(new File(folder, 'log'))
        credentials = new Credentials(request.credentials)
        displayName = "#$request.number"
    }

    Context context() {
        Flow.current().context
    }

    synchronized void worsen(Result other) {
        result = result.worst(other)
    }

    void worsenStage(Result other) {
        def stage = context().stage
        if (stage) {
            stage.result = stage.result.worst(other)
        }
    }

    Map summary() {
        [number: request.number, job: request.job, result: result.name(), displayName: displayName,
         description: description, stages: stages*.summary()]
    }

    /** The context of a node with its workspace; a second one at the same time gets a folder of its own. */
    Object onNode(Closure body) {
        def workspace = takeWorkspace()
        console.step('node')
        console.line("Running on Jenkins in $workspace.path")
        console.step('{')
        try {
            return Flow.current().within(context().onNode(workspace), body)
        } finally {
            releaseWorkspace(workspace)
            console.step('}')
            console.step('// node')
        }
    }

    /** The workspace to work in; throws the sentence of Jenkins when the pipeline has no node here. */
    Context requireNode() {
        if (!context().workspace) {
            throw new StepFailed('Attempted to execute a step that requires a node context while ‘agent none’ was '
                + 'specified. Be sure to specify your own ‘node { ... }’ blocks when using ‘agent none’.')
        }
        context()
    }

    /** A new folder for the files of one process. */
    File controlFolder() {
        def control = new File(requireNode().temporary(), "durable-${UUID.randomUUID().toString().take(8)}")
        control.mkdirs()
        control
    }

    Command command(File control) {
        new Command(console, control)
    }

    /** Calls the body with the variables of bound credentials; their files and masks go when it ends. */
    Object withSecrets(SecretFiles files, Closure<List<Map>> bind, Closure body) {
        def concealed = []
        try {
            def bound = bind()
            def variables = bound*.variables.inject([:]) { all, some -> all + some }
            concealed = bound*.secrets.flatten()
            console.conceal(concealed)
            console.line("Masking supported pattern matches of ${variables.keySet().collect { '$' + it }.join(' or ')}")
            return Flow.current().within(context().withVariables(variables), body)
        } finally {
            files.remove()
            console.reveal(concealed)
        }
    }

    /** The answer to an input, given at once: its default values, or no. */
    Map approve(Input input) {
        console.line(input.parameters ? 'Input requested' : input.message)
        if (!request.approve) {
            console.line('Rejected by admin')
            throw new Interrupted('Rejected by admin', true)
        }
        console.line('Approved by admin')
        def values = input.parameters.collectEntries { [(it.name): it.initial] }
        input.submitterParameter ? values + [(input.submitterParameter): 'admin'] : values
    }

    /** Shows an error in the console: one sentence where a step said no, and the place in the Jenkinsfile otherwise. */
    void report(Throwable error) {
        if (error instanceof StepFailed || error instanceof Interrupted) {
            console.line("ERROR: $error.message")
        } else if (error instanceof PipelineError) {
            console.line("ERROR: ${error.describe()}")
        } else {
            def line = PipelineError.lineOf(error)
            console.line("$error\n\tat ${PipelineError.SCRIPT}.run(${PipelineError.SCRIPT}:$line)")
        }
    }

    /** Every variable that a shell sees here. */
    Map<String, String> environment() {
        def values = parameters.collectEntries { name, value -> [(name): String.valueOf(value)] }
        request.environment + identity() + values + overrides + nodeVariables() + context().variables
    }

    private Map<String, String> identity() {
        def root = request.jenkinsUrl
        def number = request.number as String
        def job = "${root}job/${request.job.replace('/', '/job/')}/".toString()
        [BUILD_DISPLAY_NAME: displayName, BUILD_ID: number, BUILD_NUMBER: number, BUILD_URL: "$job$number/".toString(),
         BUILD_TAG: "jenkins-${request.job.replace('/', '-')}-$number".toString(), CI: 'true',
         HUDSON_URL: root, JENKINS_URL: root, JOB_NAME: request.job, JOB_BASE_NAME: request.job.tokenize('/').last(),
         JOB_URL: job, JOB_DISPLAY_URL: job + 'display/redirect', RUN_DISPLAY_URL: "$job$number/display/redirect".toString()]
    }

    private Map<String, String> nodeVariables() {
        def variables = context().stage ? [STAGE_NAME: context().stage.name] : [:]
        def workspace = context().workspace
        if (workspace) {
            variables += [EXECUTOR_NUMBER: '0', NODE_NAME: 'built-in', NODE_LABELS: 'built-in', WORKSPACE: workspace.path,
                          WORKSPACE_TMP: context().temporary().path, JENKINS_NODE_COOKIE: nodeCookie]
        }
        variables
    }

    private synchronized File takeWorkspace() {
        def names = [request.workspace] + (2..99).collect { "$request.workspace@$it".toString() }
        def workspace = new File(names.find { usedWorkspaces.add(it) })
        workspace.mkdirs()
        workspace
    }

    private synchronized void releaseWorkspace(File workspace) {
        usedWorkspaces.remove(workspace.path)
    }
}
