/** The words that a pipeline and a stage have in common. */
abstract class BodySection extends Section {
    abstract Object body()

    Object getAny() { AgentSection.any }
    Object getNone() { AgentSection.none }

    void agent(Agent agent) {
        once(body().agent, 'agent')
        body().agent = agent
    }
    void agent(Closure block) {
        once(body().agent, 'agent')
        body().agent = ((AgentSection) new AgentSection().read(block)).agent
    }
    void environment(Closure block) {
        once(body().environment, 'environment')
        body().environment = block
    }
    void options(Closure block) {
        body().options = ((OptionsSection) new OptionsSection().read(block)).options
    }
    void post(Closure block) {
        once(body().post, 'post')
        body().post = ((PostSection) new PostSection().read(block)).conditions
    }
    void stages(Closure block) {
        once(body().stages, 'stages')
        body().stages = ((StagesSection) new StagesSection().read(block)).stages
        if (!body().stages) {
            throw new PipelineError('No stages specified')
        }
    }
}

class PipelineSection extends BodySection {
    final Pipeline pipeline = new Pipeline()

    Object body() { pipeline }

    void parameters(Closure block) {
        pipeline.parameters = ((ParametersSection) new ParametersSection().read(block)).parameters
    }
    void triggers(Closure block) { new TriggersSection().read(block) }

    Section read(Closure block) {
        super.read(block)
        if (!pipeline.agent) {
            throw new PipelineError('Missing required section "agent"')
        }
        if (!pipeline.stages) {
            throw new PipelineError('Missing required section "stages"')
        }
        this
    }
}

class StagesSection extends Section {
    final List<Stage> stages = []

    void stage(String name, Closure block) {
        if (name in stages*.name) {
            throw new PipelineError("Duplicate stage name: \"$name\"")
        }
        stages << ((StageSection) new StageSection(name).read(block)).stage
    }

    protected String unknown(String word) { 'Expected a stage' }
}

class StageSection extends BodySection {
    final Stage stage

    StageSection(String name) {
        stage = new Stage(name: name)
    }

    Object body() { stage }

    void steps(Closure block) { stage.steps = block }
    void when(Closure block) { stage.when = block }
    void input(Closure block) { stage.input = block }
    void failFast(boolean wanted) { stage.failFast = wanted }
    void parallel(Closure block) {
        stage.parallel = ((StagesSection) new StagesSection().read(block)).stages
    }

    Section read(Closure block) {
        super.read(block)
        if ([stage.steps, stage.stages, stage.parallel].count { it } != 1) {
            throw new PipelineError("Expected one of \"steps\", \"stages\", or \"parallel\" for stage \"$stage.name\"")
        }
        this
    }
}
