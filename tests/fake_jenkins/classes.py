"""The classes that the fake Jenkins knows: of which plugin, with which fields, in which order.

Those that the recordings and jenkinsgen use, as Jenkins 2.504.3 writes them.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSIONS = {
    "workflow-job": "1540.v295eccc9778f",
    "workflow-cps": "4169.vb_7e492a_1c7b_e",
    "git": "5.7.0",
    "cloudbees-folder": "6.1036.vb_94fd035b_287",
    "workflow-multibranch": "806.vb_b_688f609ee9",
    "branch-api": "2.1233.vfb_6b_2b_3ed499",
    "scm-api": "704.v3ce5c542825a_",
    "credentials": "1417.vd854994a_f6b_e",
    "pipeline-model-definition": "2.2258.v4e96d2b_da_f9b_",
}

MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
JOB_PROPERTY = "org.jenkinsci.plugins.workflow.job.properties."
TRIGGERS_PROPERTY = f"{JOB_PROPERTY}PipelineTriggersJobProperty"
GIT_PLUGIN = "hudson.plugins.git."
COMPUTED = "com.cloudbees.hudson.plugins.folder.computed."


@dataclass(frozen=True)
class Field:
    """One field of a class: how it is written, and what stands there if it was not posted (None: nothing)."""

    name: str
    kind: str = "text"
    default: str | None = None


def text(*names: str) -> list[Field]:
    return [Field(name) for name in names]


def flag(name: str, default: str | None = "false") -> Field:
    return Field(name, "boolean", default)


def thing(name: str, default: str | None = None) -> Field:
    return Field(name, "object", default)


PARAMETER = text("name", "description")
LOG_ROTATOR = [
    Field("daysToKeep", "number", "0"),
    Field("numToKeep", "number", "0"),
    Field("artifactDaysToKeep", "number"),
    Field("artifactNumToKeep", "number"),
    flag("removeLastBuild"),
]
SUBMODULES = [
    flag("disableSubmodules", None),
    flag("recursiveSubmodules", None),
    flag("trackingSubmodules", None),
    *text("reference"),
    flag("parentCredentials", None),
    flag("shallow", None),
]

# Class -> plugin, fields.
CLASSES: dict[str, tuple[str | None, list[Field]]] = {
    "jenkins.model.BuildDiscarderProperty": (None, [thing("strategy")]),
    "hudson.tasks.LogRotator": (None, LOG_ROTATOR),
    f"{JOB_PROPERTY}DisableConcurrentBuildsJobProperty": ("workflow-job", [flag("abortPrevious")]),
    f"{JOB_PROPERTY}DurabilityHintJobProperty": ("workflow-job", [Field("hint", "durability")]),
    f"{JOB_PROPERTY}DisableResumeJobProperty": ("workflow-job", []),
    TRIGGERS_PROPERTY: ("workflow-job", [thing("triggers")]),
    "hudson.model.ParametersDefinitionProperty": (None, [thing("parameterDefinitions")]),
    "hudson.model.StringParameterDefinition": (None, [*PARAMETER, *text("defaultValue"), flag("trim")]),
    "hudson.model.TextParameterDefinition": (None, [*PARAMETER, *text("defaultValue"), flag("trim")]),
    "hudson.model.BooleanParameterDefinition": (None, [*PARAMETER, flag("defaultValue")]),
    "hudson.model.ChoiceParameterDefinition": (None, [*PARAMETER, thing("choices")]),
    "hudson.model.PasswordParameterDefinition": (None, [*PARAMETER, Field("defaultValue", "secret")]),
    "hudson.model.FileParameterDefinition": (None, PARAMETER),
    "hudson.model.RunParameterDefinition": (None, [*PARAMETER, *text("projectName", "filter")]),
    "com.cloudbees.plugins.credentials.CredentialsParameterDefinition": (
        "credentials",
        [*PARAMETER, *text("defaultValue", "credentialType"), flag("required")],
    ),
    "hudson.triggers.TimerTrigger": (None, text("spec")),
    "hudson.triggers.SCMTrigger": (None, [*text("spec"), flag("ignorePostCommitHooks")]),
    "jenkins.triggers.ReverseBuildTrigger": (
        None,
        [*text("spec", "upstreamProjects"), thing("threshold")],
    ),
    "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition": (
        "workflow-cps",
        [*text("script"), flag("sandbox")],
    ),
    "org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition": (
        "workflow-cps",
        [thing("scm"), *text("scriptPath"), flag("lightweight")],
    ),
    f"{GIT_PLUGIN}GitSCM": (
        "git",
        [
            Field("configVersion", "number", "0"),
            thing("userRemoteConfigs"),
            thing("branches"),
            flag("doGenerateSubmoduleConfigurations"),
            thing("submoduleCfg"),
            thing("extensions", "<extensions/>"),
        ],
    ),
    f"{GIT_PLUGIN}UserRemoteConfig": ("git", text("name", "refspec", "url", "credentialsId")),
    f"{GIT_PLUGIN}BranchSpec": ("git", text("name")),
    f"{GIT_PLUGIN}extensions.impl.SubmoduleOption": ("git", SUBMODULES),
    f"{GIT_PLUGIN}extensions.impl.CloneOption": (
        "git",
        [flag("shallow"), flag("noTags"), *text("depth"), flag("honorRefspec")],
    ),
    f"{GIT_PLUGIN}extensions.impl.CleanBeforeCheckout": ("git", [flag("deleteUntrackedNestedRepositories")]),
    f"{GIT_PLUGIN}extensions.impl.RelativeTargetDirectory": ("git", text("relativeTargetDir")),
    "org.jenkinsci.plugins.pipeline.modeldefinition.actions.DeclarativeJobAction": (
        "pipeline-model-definition",
        [],
    ),
    "org.jenkinsci.plugins.pipeline.modeldefinition.actions.DeclarativeJobPropertyTrackerAction": (
        "pipeline-model-definition",
        [thing(name, f"<{name}/>") for name in ("jobProperties", "triggers", "parameters", "options")],
    ),
    f"{COMPUTED}DefaultOrphanedItemStrategy": (
        "cloudbees-folder",
        [
            flag("pruneDeadBranches"),
            Field("daysToKeep", "number", "-1"),
            Field("numToKeep", "number", "-1"),
            flag("abortBuilds"),
        ],
    ),
    f"{COMPUTED}PeriodicFolderTrigger": ("cloudbees-folder", [*text("spec"), Field("interval", "number")]),
    "jenkins.branch.MultiBranchProject$BranchSourceList": ("branch-api", [thing("data"), thing("owner")]),
    "jenkins.branch.BranchSource": ("branch-api", [thing("source"), thing("strategy")]),
    "jenkins.branch.DefaultBranchPropertyStrategy": ("branch-api", [thing("properties")]),
    "jenkins.plugins.git.GitSCMSource": (
        "git",
        [
            Field("id", "source id"),
            *text("remote", "credentialsId"),
            thing("traits", "<traits><jenkins.plugins.git.traits.BranchDiscoveryTrait/></traits>"),
        ],
    ),
    "jenkins.plugins.git.traits.BranchDiscoveryTrait": ("git", []),
    "jenkins.plugins.git.traits.TagDiscoveryTrait": ("git", []),
    "jenkins.plugins.git.traits.SubmoduleOptionTrait": ("git", [thing("extension")]),
    "jenkins.scm.impl.trait.WildcardSCMHeadFilterTrait": ("scm-api", text("includes", "excludes")),
    "org.jenkinsci.plugins.workflow.multibranch.WorkflowBranchProjectFactory": (
        "workflow-multibranch",
        [thing("owner", f'<owner class="{MULTIBRANCH}" reference="../.."/>'), *text("scriptPath")],
    ),
}

OWNER = f'<owner class="{MULTIBRANCH}" reference="../.."/>'
ROOTS: dict[str, tuple[str, list[Field]]] = {
    "flow-definition": (
        "workflow-job",
        [
            thing("actions"),
            *text("description", "displayName"),
            thing("logRotator"),
            flag("keepDependencies"),
            thing("properties", "<properties/>"),
            thing("definition"),
            thing("triggers"),
            Field("quietPeriod", "number"),
            *text("authToken"),
            flag("disabled"),
        ],
    ),
    FOLDER: (
        "cloudbees-folder",
        [
            thing("actions"),
            *text("description", "displayName"),
            thing("properties", "<properties/>"),
            thing("folderViews"),
            thing("healthMetrics", "<healthMetrics/>"),
            thing("icon", '<icon class="com.cloudbees.hudson.plugins.folder.icons.StockFolderIcon"/>'),
        ],
    ),
    MULTIBRANCH: (
        "workflow-multibranch",
        [
            thing("actions"),
            *text("description", "displayName"),
            thing("properties", "<properties/>"),
            thing(
                "folderViews",
                f'<folderViews class="jenkins.branch.MultiBranchProjectViewHolder">{OWNER}</folderViews>',
            ),
            thing("healthMetrics", "<healthMetrics/>"),
            thing("icon", f'<icon class="jenkins.branch.MetadataActionFolderIcon">{OWNER}</icon>'),
            thing(
                "orphanedItemStrategy",
                f'<orphanedItemStrategy class="{COMPUTED}DefaultOrphanedItemStrategy">'
                "<pruneDeadBranches>true</pruneDeadBranches></orphanedItemStrategy>",
            ),
            thing("triggers", "<triggers/>"),
            flag("disabled"),
            thing("sources"),
            thing(
                "factory",
                '<factory class="org.jenkinsci.plugins.workflow.multibranch.WorkflowBranchProjectFactory">'
                f"{OWNER}<scriptPath>Jenkinsfile</scriptPath></factory>",
            ),
        ],
    ),
}
# Classes that only ever stand in an attribute, with their plugins.
