package demo;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.catalina.Cluster;
import org.apache.catalina.Session;
import org.apache.catalina.ha.CatalinaCluster;

/**
 * InsideServlet says what this Tomcat knows: how many other members of the cluster it sees, and with ?session=ID the visits
 * counted by a session, or by its replica here. It takes no part in a session, so it neither makes one nor moves one.
 */
public class InsideServlet extends MemberServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("member", member());
        facts.put("pid", ProcessHandle.current().pid());
        facts.put("peers", peers());
        facts.put("sessions", context().getManager().getActiveSessions());
        String id = request.getParameter("session");
        if (id != null) {
            facts.put("count", count(id));
        }
        writeFacts(response, facts);
    }

    private int peers() {
        Cluster cluster = engine().getCluster();
        return cluster instanceof CatalinaCluster c ? c.getMembers().length : 0;
    }

    /** count is 0 for a session that is not here. */
    private int count(String id) throws IOException {
        Session session = context().getManager().findSession(id);
        if (session == null) {
            return 0;
        }
        return session.getSession().getAttribute(Journal.ATTRIBUTE) instanceof Journal j ? j.count() : 0;
    }
}
