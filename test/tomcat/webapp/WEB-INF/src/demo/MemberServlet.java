package demo;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.apache.catalina.Container;
import org.apache.catalina.ContainerServlet;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.Wrapper;

/** MemberServlet knows which Tomcat it runs in. Its context is privileged, so Tomcat hands it its own place in the container. */
public abstract class MemberServlet extends HttpServlet implements ContainerServlet {
    private static final long serialVersionUID = 1;

    private transient Wrapper wrapper;

    @Override
    public Wrapper getWrapper() {
        return wrapper;
    }

    @Override
    public void setWrapper(Wrapper wrapper) {
        this.wrapper = wrapper;
    }

    /** context is this application's context. */
    protected Context context() {
        return (Context) wrapper.getParent();
    }

    /** engine is the engine above this application: it holds jvmRoute and the cluster. */
    protected Engine engine() {
        Container container = wrapper;
        while (!(container instanceof Engine)) {
            container = container.getParent();
        }
        return (Engine) container;
    }

    /** member is this Tomcat's jvmRoute. */
    protected String member() {
        return String.valueOf(engine().getJvmRoute());
    }

    /** writeFacts answers with one key=value line each. */
    protected static void writeFacts(HttpServletResponse response, Map<String, Object> facts) throws IOException {
        StringBuilder text = new StringBuilder();
        facts.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        response.setContentType("text/plain;charset=UTF-8");
        response.getWriter().print(text);
    }
}
