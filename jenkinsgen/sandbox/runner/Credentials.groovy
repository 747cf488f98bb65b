/** What the credentials store holds, and how each type of binding turns it into variables. */
class Credentials {
    private static final String ASKPASS = '''#!/bin/sh
case "$1" in
    Username*) printf '%s\\n' "$GIT_USERNAME" ;;
    Password*) printf '%s\\n' "$GIT_PASSWORD" ;;
esac
'''
    private final Map<String, Map> store

    Credentials(Map<String, Map> store) {
        this.store = store
    }

    /** The variables of a binding, and which of their values the console must not show. */
    Map bind(Described binding, SecretFiles files) {
        switch (binding.type) {
            case 'sshUserPrivateKey': return sshKey(binding, files)
            case 'usernamePassword': return usernamePassword(binding)
            case 'string': return concealed([(binding.get('variable')): find(binding, 'string').secret])
            case 'file': return file(binding, files)
            case 'gitUsernamePassword': return gitLogin(binding, files)
            default: throw new StepFailed("withCredentials does not know $binding.type")
        }
    }

    /** The variables of `NAME = credentials('id')` in an `environment` block. */
    Map bindByName(String name, String id, SecretFiles files) {
        switch (entry(id).type) {
            case 'usernamePassword':
                def both = find(id, 'usernamePassword')
                return concealed([(name): "$both.username:$both.password".toString(),
                                  (name + '_USR'): both.username, (name + '_PSW'): both.password])
            case 'sshUserPrivateKey':
                return bind(new Described('sshUserPrivateKey', [credentialsId: id, keyFileVariable: name,
                    usernameVariable: name + '_USR', passphraseVariable: name + '_PSW']), files)
            default:
                return bind(new Described(entry(id).type, [credentialsId: id, variable: name]), files)
        }
    }

    /** What git needs to log in at a remote with these credentials. */
    Map forGit(String id, SecretFiles files) {
        if (entry(id).type == 'usernamePassword') {
            return bind(new Described('gitUsernamePassword', [credentialsId: id]), files)
        }
        def key = bind(new Described('sshUserPrivateKey', [credentialsId: id, keyFileVariable: 'KEY']), files)
        concealed([GIT_SSH_COMMAND: "ssh -i '$key.variables.KEY' -o IdentitiesOnly=yes -o BatchMode=yes".toString()], [])
    }

    private Map sshKey(Described binding, SecretFiles files) {
        def key = find(binding, 'sshUserPrivateKey')
        def text = key.private_key.endsWith('\n') ? key.private_key : key.private_key + '\n'
        def variable = binding.get('keyFileVariable')
        def variables = [(variable): files.write("ssh-key-$variable", text)]
        if (binding.arguments.usernameVariable) {
            variables[binding.arguments.usernameVariable] = key.username
        }
        if (binding.arguments.passphraseVariable) {
            variables[binding.arguments.passphraseVariable] = key.passphrase ?: ''
        }
        concealed(variables)
    }

    private Map usernamePassword(Described binding) {
        def login = find(binding, 'usernamePassword')
        concealed([(binding.get('usernameVariable')): login.username, (binding.get('passwordVariable')): login.password])
    }

    private Map file(Described binding, SecretFiles files) {
        def secret = find(binding, 'file')
        concealed([(binding.get('variable')): files.write(secret.file_name, secret.content)])
    }

    private Map gitLogin(Described binding, SecretFiles files) {
        def login = find(binding, 'usernamePassword')
        def variables = [GIT_ASKPASS: files.write('askpass.sh', ASKPASS, 'r-x------'), GIT_TERMINAL_PROMPT: 'false',
                         GIT_USERNAME: login.username, GIT_PASSWORD: login.password]
        concealed(variables, [login.username, login.password])
    }

    private Map find(Described binding, String type) {
        find(binding.get('credentialsId') as String, type)
    }

    private Map find(String id, String type) {
        def found = entry(id)
        if (found.type != type) {
            throw new StepFailed("Credentials '$id' is of type '$found.type' where '$type' was expected")
        }
        found
    }

    private Map entry(String id) {
        if (!store.containsKey(id)) {
            throw new StepFailed("Could not find credentials entry with ID '$id'")
        }
        store[id]
    }

    private static Map concealed(Map variables, Collection secrets = variables.values()) {
        [variables: variables, secrets: secrets as List]
    }
}
