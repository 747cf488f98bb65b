// Prints, for each file named on standard input, one line of JSON: its string constants and the shape of its code.
import groovy.json.JsonOutput
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.control.CompilePhase

class Reader extends CodeVisitorSupport {
    List<String> texts = []
    List<String> shape = []

    void visitConstantExpression(ConstantExpression node) {
        if (node.value instanceof String) { texts << node.value }
        shape << 'constant'
    }

    void visitGStringExpression(GStringExpression node) { shape << 'gstring'; super.visitGStringExpression(node) }
    void visitMethodCallExpression(MethodCallExpression node) { shape << 'call'; super.visitMethodCallExpression(node) }
    void visitClosureExpression(ClosureExpression node) { shape << 'closure'; super.visitClosureExpression(node) }
    void visitVariableExpression(VariableExpression node) { shape << "variable ${node.name}".toString() }
}

System.in.eachLine('UTF-8') { path ->
    def reader = new Reader()
    def nodes = new AstBuilder().buildFromString(CompilePhase.CONVERSION, true, new File(path).getText('UTF-8'))
    nodes.each { it.visit(reader) }
    println JsonOutput.toJson([texts: reader.texts, shape: reader.shape])
}
