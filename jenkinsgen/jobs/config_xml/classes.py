"""Names of Jenkins' classes in a `config.xml`, and the plugin that each comes from.

Plugin ids are those that Jenkins 2.504.3 wrote in its `plugin=` attributes; None is Jenkins itself.
"""

from __future__ import annotations

PIPELINE = "flow-definition"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"

SCRIPT_DEFINITION = "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"
SCM_DEFINITION = "org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition"
GIT = "hudson.plugins.git.GitSCM"
REMOTE = "hudson.plugins.git.UserRemoteConfig"
BRANCH = "hudson.plugins.git.BranchSpec"
SUBMODULES = "hudson.plugins.git.extensions.impl.SubmoduleOption"

DISCARDER = "jenkins.model.BuildDiscarderProperty"
LOG_ROTATOR = "hudson.tasks.LogRotator"
CONCURRENCY = "org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty"
DURABILITY = "org.jenkinsci.plugins.workflow.job.properties.DurabilityHintJobProperty"
PARAMETERS = "hudson.model.ParametersDefinitionProperty"
TRIGGERS = "org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty"
OWNED_PROPERTIES = frozenset({DISCARDER, CONCURRENCY, DURABILITY, PARAMETERS, TRIGGERS})

STRING_PARAMETER = "hudson.model.StringParameterDefinition"
BOOLEAN_PARAMETER = "hudson.model.BooleanParameterDefinition"
CHOICE_PARAMETER = "hudson.model.ChoiceParameterDefinition"

TIMER = "hudson.triggers.TimerTrigger"
POLL = "hudson.triggers.SCMTrigger"
SCAN = "com.cloudbees.hudson.plugins.folder.computed.PeriodicFolderTrigger"

ORPHANS = "com.cloudbees.hudson.plugins.folder.computed.DefaultOrphanedItemStrategy"
GIT_SOURCE = "jenkins.plugins.git.GitSCMSource"
BRANCH_SOURCE = "jenkins.branch.BranchSource"
BRANCH_FACTORY = "org.jenkinsci.plugins.workflow.multibranch.WorkflowBranchProjectFactory"
BRANCHES_TRAIT = "jenkins.plugins.git.traits.BranchDiscoveryTrait"
TAGS_TRAIT = "jenkins.plugins.git.traits.TagDiscoveryTrait"
FILTER_TRAIT = "jenkins.scm.impl.trait.WildcardSCMHeadFilterTrait"
SUBMODULES_TRAIT = "jenkins.plugins.git.traits.SubmoduleOptionTrait"
OWNED_TRAITS = frozenset({BRANCHES_TRAIT, TAGS_TRAIT, FILTER_TRAIT, SUBMODULES_TRAIT})

TRACKER = "org.jenkinsci.plugins.pipeline.modeldefinition.actions.DeclarativeJobPropertyTrackerAction"
