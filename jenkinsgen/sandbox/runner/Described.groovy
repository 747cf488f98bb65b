import groovy.transform.Immutable

/** A word with arguments that is no step but something handed to one: `scmGit(...)`, `usernamePassword(...)`. */
@Immutable
class Described {
    String type
    Map arguments

    Object get(String name) {
        if (arguments[name] == null) {
            throw new StepFailed("$type needs $name")
        }
        arguments[name]
    }
}
